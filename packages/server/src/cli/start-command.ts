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
  const server = await open(args, environment, output);
  if (server === undefined) return exitCodes.failed;
  output.print(`tandem is ready at ${server.url}`);
  await untilSignal();
  await server.close();
  return exitCodes.done;
}

async function open(
  args: readonly string[],
  environment: Environment,
  output: Output,
): Promise<RunningServer | undefined> {
  try {
    const { config, notices } = resolveConfig(args, environment);
    const log = openLog(config.logLevel);
    for (const notice of notices) log.info(notice);
    // Whoever keeps this process running starts it again, and the embedded store with it.
    const onStoreEnded = (): never => process.exit(exitCodes.failed);
    return await startServer(config, { log, onStoreEnded });
  } catch (error) {
    const message = startupMessage(error);
    if (message === undefined) throw error;
    for (const line of message.split('\n')) output.printError(`tandem: ${line}`);
    return undefined;
  }
}

function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    let isAsked = false;
    const stop = (signal: NodeJS.Signals): void => {
      // 128 plus the signal's number is what a shell reports for a process that a signal ended.
      if (isAsked) process.exit(signal === 'SIGINT' ? 130 : 143);
      isAsked = true;
      resolve();
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}
