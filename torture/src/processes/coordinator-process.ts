import { SupervisedProcess } from './supervised-process.js';

export interface CoordinatorOptions {
  readonly name: string;
  /** Path of the `tandem` command's script. */
  readonly command: string;
  readonly port: number;
  readonly grpcPort: number;
  readonly logPath: string;
  /** Where its store is; and what a fault needs, a library that is loaded before all others, for one. */
  readonly env: Readonly<Record<string, string>>;
}

/** Times in seconds, short, so that a run of seconds sees leases end, retries come and back-checks go out. */
export const timing = {
  leaseSeconds: 2,
  requestTimeoutSeconds: 1,
  firstBackCheckSeconds: 1,
  retryIntervalMaxSeconds: 2,
  resumeTimeoutSeconds: 2,
} as const;

/** `tandem start`, supervised. */
export function coordinatorProcess(options: CoordinatorOptions): SupervisedProcess {
  const { name, command, port, grpcPort, logPath, env } = options;
  return new SupervisedProcess({
    name,
    args: [command, 'start'],
    url: `http://127.0.0.1:${String(port)}`,
    readyPath: '/api/ready',
    logPath,
    env: {
      HTTP_PORT: String(port),
      GRPC_PORT: String(grpcPort),
      LOG_LEVEL: 'info',
      RETRY_INTERVAL: '0.3',
      TANDEM_RETRY_INTERVAL_MAX: String(timing.retryIntervalMaxSeconds),
      REQUEST_TIMEOUT: String(timing.requestTimeoutSeconds),
      TIMEOUT_TO_FAIL: String(timing.firstBackCheckSeconds),
      TANDEM_WORKFLOW_RESUME_TIMEOUT: String(timing.resumeTimeoutSeconds),
      TANDEM_LEASE: String(timing.leaseSeconds),
      TANDEM_LEASE_SKEW: '0.4',
      TANDEM_TARGET_BREAKER_OPEN: '0.5',
      TANDEM_WAIT_MAX: '3',
      TRANS_CRON_INTERVAL: '0.5',
      // Nothing may be purged before the books are read.
      STORE_FINISHED_DATA_EXPIRE: '0',
      ...env,
    },
  });
}
