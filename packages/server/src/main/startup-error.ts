import { StoreError } from '@tandem/store';
import { ConfigError } from '../config/config-error.js';

/** The server cannot start; the message is one line that tells a person what to do. */
export class StartupError extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'StartupError';
  }
}

/** Why the store did not open, with its folder. */
export function storeStartupError(folder: string, error: unknown): StartupError {
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof StoreError && error.kind === 'locked') {
    return new StartupError(
      `the data folder ${folder} is in use by another process: stop it, or name another folder with --data`,
      error,
    );
  }
  const advice = isDiskFull(error) ? '; make room on its disk, or name a folder on another disk with --data' : '';
  return new StartupError(`the store in ${folder} does not open: ${reason}${causeOf(error)}${advice}`, error);
}

/** Why a server does not listen; `flag` names its port. */
export function listenStartupError(host: string, port: number, flag: string, error: unknown): StartupError {
  const address = `${host}:${String(port)}`;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return new StartupError(
        `${address} is in use: stop what listens there, or name another port with ${flag}`,
        error,
      );
    case 'EACCES':
      return new StartupError(`this user may not listen on ${address}: name another port with ${flag}`, error);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new StartupError(`this machine has no address ${host}: name another with --host`, error);
    default:
      return new StartupError(
        `cannot listen on ${address}: ${error instanceof Error ? error.message : String(error)}`,
        error,
      );
  }
}

/** The lines to print where the start failed; undefined where it is a defect that deserves its stack. */
export function startupMessage(error: unknown): string | undefined {
  return error instanceof StartupError || error instanceof ConfigError ? error.message : undefined;
}

function isDiskFull(error: unknown): boolean {
  if (!(error instanceof StoreError)) return false;
  const { cause } = error;
  return error.kind === 'full' || (cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC');
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? ` (${cause.message})` : '';
}
