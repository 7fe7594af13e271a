import type { Environment } from '../config/read-environment.js';
import { version } from '../main/version.js';
import { helpText } from './help-text.js';
import { nodes } from './nodes-command.js';
import { start } from './start-command.js';
import { stores } from './store-command.js';
import { transactions } from './tx-command.js';
import { UsageError } from './usage-error.js';

/** Exit codes of the command. */
export const exitCodes = {
  done: 0,
  /** The server could not start, or refused what it was asked, or could not be reached. */
  failed: 1,
  /** What was typed makes no sense, or a setting is wrong. */
  usage: 2,
} as const;

/** Where a command writes. */
export interface Output {
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
}

/** Runs one command line (without node and script) and answers its exit code. */
export async function runCommand(args: readonly string[], environment: Environment, output: Output): Promise<number> {
  const [command, ...rest] = args;
  if (rest.includes('--help') || rest.includes('-h')) {
    output.print(helpText());
    return exitCodes.done;
  }
  try {
    switch (command) {
      case 'start':
        return await start(rest, environment, output);
      case 'tx':
        return await transactions(rest, environment, output);
      case 'nodes':
        return await nodes(rest, environment, output);
      case 'store':
        return await stores(rest, environment, output);
      case '--version':
      case '-v':
      case 'version':
        output.print(version);
        return exitCodes.done;
      case undefined:
      case 'help':
      case '--help':
      case '-h':
        output.print(helpText());
        return exitCodes.done;
      default:
        throw new UsageError(`there is no command "${command}"`);
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    output.printError(`tandem: ${error.message}\nTry: tandem help`);
    return exitCodes.usage;
  }
}
