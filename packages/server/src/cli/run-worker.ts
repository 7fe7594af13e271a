import type { Config } from '../config/settings.js';
import { ConfigError } from '../config/config-error.js';
import { startServer } from '../main/start-server.js';
import { startupMessage } from '../main/startup-error.js';
import { openLog } from '../telemetry/log.js';
import { WorkerLink } from '../workers/worker-link.js';
import { exitCodes } from './run-command.js';

/** One of several processes of `tandem start --workers N`: serves until its supervisor says so, or is gone. */
export async function runWorker(config: Config, number: number): Promise<number> {
  const link = new WorkerLink(number);
  const log = openLog(config.logLevel).child({ worker: number });
  const onStoreEnded = (): never => process.exit(exitCodes.failed);
  const starting = startServer(config, { log, onStoreEnded, worker: link });
  const server = await Promise.race([starting, link.shutDownAsked]).catch((error: unknown) => {
    const message = startupMessage(error);
    if (message === undefined) throw error;
    const exitCode = error instanceof ConfigError ? exitCodes.usage : exitCodes.failed;
    link.say({ kind: 'failed', message, exitCode });
    return exitCode;
  });
  // What has not served yet has nothing to end in order.
  if (server === undefined) process.exit(exitCodes.done);
  if (typeof server === 'number') return ended(server);
  link.say({ kind: 'ready', url: server.url, grpcAddress: server.grpcAddress });
  await link.shutDownAsked;
  await server.close();
  return ended(exitCodes.done);
}

/** The channel to the supervisor would keep this process alive; what was said over it arrives before it closes. */
function ended(exitCode: number): number {
  if (process.connected) process.disconnect();
  return exitCode;
}
