/** What PostgreSQL's SQLSTATEs and the driver's errors mean to the store. */
import { StoreError } from '@tandem/store';
import type { FaultEffect, FaultReader } from '../server-sql/fault-reader.js';
import { ConnectionAbandoned } from './pipelined-batch.js';

const serializationFailure = '40001';
const deadlock = '40P01';
const readOnly = '25006';
/** Both come of a pooler that gives each transaction another connection: a statement is not there, or is there already. */
const unknownStatement = '26000';
const knownStatement = '42P05';
const diskFull = '53100';
/** Of all connections, of those of a role, or of a database. */
const tooManyConnections = '53300';
/** Also what a connection says of a prepared statement for ever, once a column of its answer has another type. */
const unsupported = '0A000';
const spoiling: readonly (string | undefined)[] = [readOnly, unknownStatement, knownStatement, unsupported];
/** A feature, and a setting, that is not there. */
const notThere: readonly (string | undefined)[] = [unsupported, '42704'];

/** The server ended the connection, or could not go on: 57P01 to 57P05, class 08, and Class 58 for what its system did. */
const connectionEnded = /^(08|57P0)/;
const corrupted = /^XX00[12]$/;
/** What the statement was given cannot be: texts that the encoding does not have, values out of range, checks, limits. */
const refused = /^(22|23514|54)/;

export const postgresFaults: FaultReader = {
  storeError(error) {
    if (error instanceof StoreError) return error;
    return new StoreError(kindOf(error), `PostgreSQL: ${describe(error)}`, { cause: error });
  },
  effectOf(error): FaultEffect {
    const state = stateOf(error);
    if (state === serializationFailure || state === deadlock || state === unsupported) return 'rolled back';
    // Nothing was written, and the connection is closed; the next one may reach the primary.
    if (state === readOnly) return 'unknown';
    return isConnectionLost(error) ? 'unknown' : 'lasting';
  },
  isRefusal(error) {
    const state = stateOf(error);
    return state !== undefined && refused.test(state);
  },
};

/** The connection is of no more use, whatever became of what was asked on it. */
export function isConnectionSpoiled(error: unknown): boolean {
  const state = stateOf(error);
  return spoiling.includes(state) || isConnectionLost(error);
}

/** The server takes no more connections. */
export function isServersLimit(error: unknown): boolean {
  return stateOf(error) === tooManyConnections;
}

/** The engine speaks the protocol but has no such thing. */
export function isUnsupported(error: unknown): boolean {
  return notThere.includes(stateOf(error));
}

function isConnectionLost(error: unknown): boolean {
  if (error instanceof StoreError) return false;
  const state = stateOf(error);
  // Without a SQLSTATE it is the socket or the driver that speaks, not the server.
  return error instanceof ConnectionAbandoned || state === undefined || connectionEnded.test(state);
}

function kindOf(error: unknown): StoreError['kind'] {
  const state = stateOf(error) ?? '';
  if (state === diskFull) return 'full';
  return corrupted.test(state) ? 'corrupt' : 'unavailable';
}

function describe(error: unknown): string {
  const message = messageOf(error);
  switch (stateOf(error)) {
    case readOnly:
      return `${message}; the server is read-only: a standby, or default_transaction_read_only is on`;
    case unknownStatement:
    case knownStatement:
      return `${message}; a pooler does not keep prepared statements: let it, or add prepared_statements=false to the URL`;
    default:
      return message;
  }
}

function messageOf(error: unknown): string {
  // Several addresses of one name, none of which answered.
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}

/** Five characters; errors of the system have codes too, such as ECONNRESET. */
export function stateOf(error: unknown): string | undefined {
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('E') ? code : undefined;
}
