/** What an error of Redis, or of the way to it, means: the one file that reads the engine's error texts. */
import { StoreError } from '@tandem/store';
import { addressText, parseAddress, type RedisAddress } from './redis-address.js';

export type Fault =
  /** Another node has the slot now. */
  | { readonly kind: 'moved' | 'ask'; readonly address: RedisAddress }
  /** The node does not know the script: it is new, or was told to forget. */
  | { readonly kind: 'noScript' }
  /**
   * It may pass soon. `isNodeSuspect`: perhaps this node is not, or not any more, who we think it is. `mayHaveRun`: what was
   * sent may have happened all the same.
   */
  | {
      readonly kind: 'again';
      readonly isNodeSuspect: boolean;
      readonly mayHaveRun: boolean;
      readonly error: StoreError;
    }
  /** Trying again at once does not help. */
  | { readonly kind: 'final'; readonly error: StoreError };

/** The connection is gone, or its node did not answer in time; what was sent may still happen. */
export class ConnectionFault extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'ConnectionFault';
  }
}

/** An error that Redis answered: its first word is a code. */
export class RedisReplyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RedisReplyError';
  }
}

// Before version 7 an error inside a script is told as "ERR Error running script (...): @user_script:12: CODE ...".
const insideScript = /@user_script: ?\d+: (?:@user_script: ?\d+: )?-?([A-Z]+) /;
const foreignKey = 'attempted to access a non local key';
const tooManyClients = 'max number of clients';

/** Reads an error that came from the node at `address`. */
export function faultOf(error: unknown, address: RedisAddress): Fault {
  if (error instanceof StoreError) return { kind: 'final', error };
  if (!(error instanceof RedisReplyError)) return again(error, address, true);
  const { message } = error;
  const code = insideScript.exec(message)?.[1] ?? message.split(' ', 1)[0] ?? '';
  switch (code) {
    case 'MOVED':
    case 'ASK': {
      const target = parseAddress(message.split(' ')[2] ?? '', address);
      return target === undefined
        ? again(error, address, true)
        : { kind: code === 'MOVED' ? 'moved' : 'ask', address: target };
    }
    case 'NOSCRIPT':
      return { kind: 'noScript' };
    // A replica, or a master that has become one: somebody else is the master.
    case 'READONLY':
    case 'MASTERDOWN':
    case 'UNBLOCKED':
    case 'CLUSTERDOWN':
      return again(error, address, true);
    // It starts, moves a slot, or is busy with a long script.
    case 'LOADING':
    case 'TRYAGAIN':
    case 'BUSY':
    case 'NOREPLICAS':
      return again(error, address, false);
    case 'OOM':
      return { kind: 'final', error: storeError('full', error, address) };
    case 'MISCONF':
      return { kind: 'final', error: storeError(isDiskFull(message) ? 'full' : 'unavailable', error, address) };
    default:
      // A slot that is under way to another node; a node that takes no more connections for now.
      if (message.includes(foreignKey) || message.includes(tooManyClients)) return again(error, address, false);
      return { kind: 'final', error: storeError('unavailable', error, address) };
  }
}

/** A fault as the store tells it. */
export function storeErrorOf(fault: Fault, address: RedisAddress): StoreError {
  switch (fault.kind) {
    case 'again':
    case 'final':
      return fault.error;
    case 'moved':
    case 'ask':
      return new StoreError(
        'unavailable',
        `Redis at ${addressText(address)} keeps sending us to other nodes; a cluster is opened with redis-cluster://`,
      );
    case 'noScript':
      return new StoreError('unavailable', `Redis at ${addressText(address)} forgets its scripts`);
  }
}

function again(error: unknown, address: RedisAddress, isNodeSuspect: boolean): Fault {
  // What UNBLOCKED ends is the wait for replicas, after the write.
  const mayHaveRun =
    error instanceof ConnectionFault || (error instanceof Error && error.message.startsWith('UNBLOCKED'));
  return { kind: 'again', isNodeSuspect, mayHaveRun, error: storeError('unavailable', error, address) };
}

function storeError(kind: StoreError['kind'], error: unknown, address: RedisAddress): StoreError {
  const message = error instanceof Error ? error.message : String(error);
  return new StoreError(kind, `Redis at ${addressText(address)}: ${message}`, { cause: error });
}

// MISCONF: the last snapshot or the append-only file could not be written; mostly since the disk is full.
function isDiskFull(message: string): boolean {
  return message.includes('No space left');
}
