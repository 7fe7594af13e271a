import { fileURLToPath } from 'node:url';
import type { MannersOrder } from '../bank/manners.js';
import type { BankAddress } from '../wires/branch-url.js';
import type { CoordinatorAddress } from '../wires/coordinator-wires.js';
import { SupervisedProcess } from './supervised-process.js';

/** For what never comes: a bank has taken 10 s on a machine that had far too much to do. */
const behaveTimeLimitMs = 60_000;
const servicePath = fileURLToPath(new URL('../bank/bank-service.js', import.meta.url));

export interface BankOptions {
  readonly name: string;
  readonly port: number;
  readonly grpcPort: number;
  readonly databasePath: string;
  readonly logPath: string;
  readonly coordinator: CoordinatorAddress;
  /** Leaves the barrier out, to show that the books then do not balance. */
  readonly isSabotaged: boolean;
}

/** One bank in a process of its own, supervised. */
export class BankProcess extends SupervisedProcess implements BankAddress {
  readonly databasePath: string;
  readonly logPath: string;
  readonly grpcUrl: string;

  constructor({ name, port, grpcPort, databasePath, logPath, coordinator, isSabotaged }: BankOptions) {
    const ports = [String(port), String(grpcPort)];
    super({
      name,
      args: [servicePath, name, ...ports, databasePath, coordinator.url, coordinator.grpc],
      url: `http://127.0.0.1:${String(port)}`,
      readyPath: '/control/ready',
      logPath,
      env: isSabotaged ? { TORTURE_SABOTAGE: 'no-barrier' } : {},
    });
    this.databasePath = databasePath;
    this.logPath = logPath;
    this.grpcUrl = `grpc://127.0.0.1:${String(grpcPort)}`;
  }

  /** Tells it how to treat the coordinator's calls from now on; forgotten when it is killed. */
  async behave(order: MannersOrder): Promise<void> {
    const init = { method: 'POST', body: JSON.stringify(order), signal: AbortSignal.timeout(behaveTimeLimitMs) };
    const response = await fetch(`${this.url}/control/manners`, init);
    await response.body?.cancel();
  }
}
