import { StoreError } from '@tandem/store';
import { ConfigError } from '../config/config-error.js';
import { shownLocation, type StoreLocation } from '../config/store-location.js';
import { storeObstacle, type StoreObstacle } from './store-obstacle.js';

/** The server cannot start; the message is one line that tells a person what to do. */
export class StartupError extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'StartupError';
  }
}

/** Why the store did not open: where it is, what it said, and what to do. */
export function storeStartupError(location: StoreLocation, error: unknown): StartupError {
  return location.engine === 'sqlite'
    ? folderError(location.folder, error)
    : serverError(`the store at ${shownLocation(location)}`, error);
}

function folderError(folder: string, error: unknown): StartupError {
  if (error instanceof StoreError && error.kind === 'locked') {
    return new StartupError(
      `the data folder ${folder} is in use by another process: stop it, or name another folder with --data`,
      error,
    );
  }
  const advice = isDiskFull(error) ? '; make room on its disk, or name a folder on another disk with --data' : '';
  return new StartupError(`the store in ${folder} does not open: ${reasonOf(error)}${advice}`, error);
}

const advice: Readonly<Record<StoreObstacle, string>> = {
  unreachable: 'start the database, or correct the host and port',
  starting: 'wait until it has started, or raise --store-start-wait',
  credentials: 'correct the user and password (STORE_PASSWORD gives one that the URL leaves out)',
  database: 'create the database first; Tandem creates only what is in it',
  permission: 'grant this user what docs/stores lists',
  certificate: "give the URL the certificates' authority, as docs/stores tells",
  connections: 'free some, raise the limit of the database, or lower --store-max-open-conns',
  pooler: 'docs/stores/postgres.md tells of poolers',
};

/** Why the database of a DTM server did not open; `shown` is its URL without the password. */
export function dtmStartupError(shown: string, error: unknown): StartupError {
  return serverError(`the database ${shown}`, error);
}

function serverError(what: string, error: unknown): StartupError {
  const obstacle = storeObstacle(error);
  const isFull = error instanceof StoreError && error.kind === 'full';
  const known = obstacle === undefined ? '' : `; ${advice[obstacle]}`;
  const todo = isFull ? '; make room on its disk' : known;
  return new StartupError(`${what} does not open: ${reasonOf(error)}${todo}`, error);
}

/** Why no node may serve a store that is sound. */
export function markedStoreError(location: StoreLocation, reason: string): StartupError {
  const shown = shownLocation(location);
  return new StartupError(
    `no node may start on ${shown}: ${reason} (tandem store unmark, with its URL, lets nodes start on it all the same)`,
    undefined,
  );
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

/** With what lies beneath it, unless it says that already. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  if (!(cause instanceof Error) || cause.message === '' || message.includes(cause.message)) return message;
  return `${message} (${cause.message})`;
}
