import { availableParallelism } from 'node:os';
import { ConfigError } from '../config/config-error.js';
import { resolveConfig, type ResolvedConfig } from '../config/resolve-config.js';
import type { Environment } from '../config/read-environment.js';
import type { Config } from '../config/settings.js';
import { storeLocation } from '../config/store-location.js';
import { startServer, type RunningServer } from '../main/start-server.js';
import { startupMessage } from '../main/startup-error.js';
import { openLog } from '../telemetry/log.js';
import { workerVariable } from '../workers/worker-messages.js';
import { exitCodes, type Output } from './run-command.js';
import { runWorker } from './run-worker.js';
import { runWorkers } from './run-workers.js';
import { readyLine, stoppedLine, stoppingLine } from './start-lines.js';
import { untilSignal } from './until-signal.js';

/** `tandem start`: runs until SIGTERM or SIGINT ends it well; a second signal ends it at once. */
export async function start(args: readonly string[], environment: Environment, output: Output): Promise<number> {
  try {
    const resolved = resolveConfig(args, environment);
    const number = environment[workerVariable];
    if (number !== undefined && process.connected) return await runWorker(resolved.config, Number(number));
    const workers = workersOf(resolved.config);
    return workers > 1 ? await runWorkers(resolved, workers, output) : await runAlone(resolved, output);
  } catch (error) {
    const message = startupMessage(error);
    if (message === undefined) throw error;
    for (const line of message.split('\n')) output.printError(`tandem: ${line}`);
    return error instanceof ConfigError ? exitCodes.usage : exitCodes.failed;
  }
}

async function runAlone({ config, notices }: ResolvedConfig, output: Output): Promise<number> {
  const log = openLog(config.logLevel);
  for (const notice of notices) log.info(notice);
  // Whoever keeps this process running starts it again, and the embedded store with it.
  const onStoreEnded = (): never => process.exit(exitCodes.failed);
  const server: RunningServer = await startServer(config, { log, onStoreEnded });
  output.print(readyLine(server));
  const signal = await untilSignal();
  output.print(stoppingLine(config.shutdownGraceMs, signal));
  await server.close();
  output.print(stoppedLine);
  return exitCodes.done;
}

/** How many processes; the embedded store takes one, whatever the number of cores. */
function workersOf(config: Config): number {
  if (config.workers !== 'auto') return config.workers;
  return storeLocation(config).engine === 'sqlite' ? 1 : availableParallelism();
}
