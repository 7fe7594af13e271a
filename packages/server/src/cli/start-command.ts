import { ConfigError } from '../config/config-error.js';
import { resolveConfig } from '../config/resolve-config.js';
import type { Environment } from '../config/read-environment.js';
import { startServer, type RunningServer } from '../main/start-server.js';
import { startupMessage } from '../main/startup-error.js';
import { openLog } from '../telemetry/log.js';
import { helpText } from './help-text.js';
import { exitCodes, type Output } from './run-command.js';

/** `tandem start`: runs until SIGTERM or SIGINT ends it well; a second signal ends it at once. */
export async function start(args: readonly string[], environment: Environment, output: Output): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    output.print(helpText());
    return exitCodes.done;
  }
  const opened = await open(args, environment, output);
  if (typeof opened === 'number') return opened;
  const { server, graceMs } = opened;
  const grpc = server.grpcAddress === undefined ? '' : ` (gRPC at ${server.grpcAddress})`;
  output.print(`tandem is ready at ${server.url}${grpc}`);
  const signal = await untilSignal();
  const again = signal === 'SIGINT' ? 'Ctrl-C again' : 'a second signal';
  output.print(
    `tandem is stopping: it waits up to ${String(graceMs / 1000)} s for requests and branch calls that are under way, and hands ` +
      `the rest over to the next start (${again} ends it at once; nothing is lost)`,
  );
  await server.close();
  output.print('tandem has stopped');
  return exitCodes.done;
}

interface Opened {
  readonly server: RunningServer;
  readonly graceMs: number;
}

/** The server, or the exit code where it could not be started. */
async function open(args: readonly string[], environment: Environment, output: Output): Promise<Opened | number> {
  try {
    const { config, notices } = resolveConfig(args, environment);
    const log = openLog(config.logLevel);
    for (const notice of notices) log.info(notice);
    // Whoever keeps this process running starts it again, and the embedded store with it.
    const onStoreEnded = (): never => process.exit(exitCodes.failed);
    return { server: await startServer(config, { log, onStoreEnded }), graceMs: config.shutdownGraceMs };
  } catch (error) {
    const message = startupMessage(error);
    if (message === undefined) throw error;
    for (const line of message.split('\n')) output.printError(`tandem: ${line}`);
    return error instanceof ConfigError ? exitCodes.usage : exitCodes.failed;
  }
}

/** Resolves with the signal that asks to stop; the next one ends the process. */
function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let isAsked = false;
    const stop = (signal: NodeJS.Signals): void => {
      // 128 plus the signal's number is what a shell reports for a process that a signal ended.
      if (isAsked) process.exit(signal === 'SIGINT' ? 130 : 143);
      isAsked = true;
      resolve(signal);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}
