/**
 * Brings commands to the master of a shard.
 *
 * K1. Commands of one call go to one node, on one connection, in order; a WAIT follows them there, since it counts the
 *     replicas that have this connection's writes.
 * K2. A call that fails is sent again, whole, for a while. What may not be run twice is sent again only where it cannot have
 *     happened. What does not pass soon is a `StoreError`.
 * K3. A write is not acknowledged before as many replicas have it as were asked for.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { StoreError } from '@tandem/store';
import type { Shard } from '../layout/shard.js';
import type { Script } from '../scripts/script.js';
import { addressText } from './redis-address.js';
import type { RedisConnection } from './redis-connection.js';
import { faultOf, RedisReplyError, storeErrorOf, type Fault } from './redis-fault.js';
import type { Topology } from './topology.js';

/** What tells where a shard is. */
export type ShardPlace = Pick<Shard, 'slot'>;

/** A command as Redis takes it, its name first. */
export type Command = readonly string[];

export interface ShardCallOptions {
  /** How many replicas must have a write before it is acknowledged; 0: none. */
  readonly waitReplicas: number;
  readonly waitTimeoutMs: number;
  /** How long a call is tried again before it fails. */
  readonly retryForMs: number;
}

interface CallKind {
  readonly isWaited: boolean;
  readonly isRepeatable: boolean;
}

const redirectionsMax = 8;
const pauseFirstMs = 10;
const pauseMaxMs = 200;
const scriptCommand = 'EVALSHA';

/** The command that runs a script which the node knows. */
export function runScript(script: Script, keys: readonly string[], args: readonly string[]): Command {
  return [scriptCommand, script.sha, String(keys.length), ...keys, ...args];
}

function isScript([name]: Command): boolean {
  return name === scriptCommand;
}

/** See the file head. */
export class ShardCalls {
  readonly #topology: Topology;
  readonly #options: ShardCallOptions;
  readonly #loadScripts: (connection: RedisConnection) => Promise<void>;
  readonly #closing = new AbortController();

  constructor(
    topology: Topology,
    options: ShardCallOptions,
    loadScripts: (connection: RedisConnection) => Promise<void>,
  ) {
    // Every call that is tried again listens, and in a failover they are many.
    setMaxListeners(0, this.#closing.signal);
    this.#topology = topology;
    this.#options = options;
    this.#loadScripts = loadScripts;
  }

  /** One answer for each command. */
  read(shard: ShardPlace, commands: readonly Command[]): Promise<readonly unknown[]> {
    return this.#call(shard, commands, { isWaited: false, isRepeatable: true });
  }

  /** One answer for each command; durable as far as the options ask for it. The commands may be run twice (C3). */
  write(shard: ShardPlace, commands: readonly Command[]): Promise<readonly unknown[]> {
    return this.#call(shard, commands, { isWaited: this.#options.waitReplicas > 0, isRepeatable: true });
  }

  /** The same for commands whose second run would answer something else. */
  writeOnce(shard: ShardPlace, commands: readonly Command[]): Promise<readonly unknown[]> {
    return this.#call(shard, commands, { isWaited: this.#options.waitReplicas > 0, isRepeatable: false });
  }

  /** Gives up what would be tried again. */
  endRetries(): void {
    this.#closing.abort();
  }

  close(): Promise<void> {
    return this.#topology.close();
  }

  async #call(
    shard: ShardPlace,
    commands: readonly Command[],
    { isWaited, isRepeatable }: CallKind,
  ): Promise<readonly unknown[]> {
    const sent = isWaited ? [...commands, this.#wait()] : commands;
    let deadline: number | undefined;
    let redirections = 0;
    for (let pauseMs = pauseFirstMs; ; pauseMs = Math.min(pauseMs * 2, pauseMaxMs)) {
      let fault = await this.#attempt(shard, sent, isWaited);
      while (isReply(fault) || fault.kind === 'moved' || fault.kind === 'noScript') {
        if (isReply(fault)) return fault;
        if (redirections++ === redirectionsMax) break;
        fault = await this.#attempt(shard, sent, isWaited);
      }
      deadline ??= Date.now() + this.#options.retryForMs;
      const error = storeErrorOf(fault, this.#topology.seed);
      if (fault.kind !== 'again' || (fault.mayHaveRun && !isRepeatable)) throw error;
      if (this.#closing.signal.aborted || Date.now() + pauseMs > deadline) throw error;
      // Full jitter: many nodes meet the same failover at the same moment.
      await delay(pauseMs * Math.random(), undefined, { signal: this.#closing.signal }).catch(() => {
        throw error;
      });
    }
  }

  #wait(): Command {
    return ['WAIT', String(this.#options.waitReplicas), String(this.#options.waitTimeoutMs)];
  }

  async #attempt(
    shard: ShardPlace,
    commands: readonly Command[],
    isWaited: boolean,
  ): Promise<readonly unknown[] | Fault> {
    let connection: RedisConnection | undefined;
    try {
      connection = await this.#topology.masterOf(shard.slot);
      const reply = await this.#send(connection, commands);
      return isWaited ? this.#checkReplicas(connection, reply) : reply;
    } catch (error) {
      const fault = faultOf(error, connection?.address ?? this.#topology.seed);
      if (fault.kind === 'moved') this.#topology.moved(shard.slot, fault.address);
      else if (fault.kind === 'again' && fault.isNodeSuspect) this.#topology.suspect(connection);
      else if (fault.kind === 'noScript' && connection !== undefined) await this.#loadScripts(connection).catch(ignore);
      return fault;
    }
  }

  /**
   * Follows a slot that is under way: single commands alone go to the node that it moves to. A script waits until all is there:
   * it uses keys that it does not name, and the new node would show those that have not come yet as if they were not.
   */
  async #send(connection: RedisConnection, commands: readonly Command[]): Promise<readonly unknown[]> {
    try {
      return await sendAll(connection, commands);
    } catch (error) {
      const fault = faultOf(error, connection.address);
      if (fault.kind !== 'ask') throw error;
      const to = addressText(fault.address);
      if (commands.some(isScript)) throw new RedisReplyError(`TRYAGAIN a slot is on its way to ${to}`);
      const target = await this.#topology.at(fault.address);
      const replies = await sendAll(
        target,
        commands.flatMap((command) => [['ASKING'], command]),
      );
      return replies.filter((_, index) => index % 2 === 1);
    }
  }

  #checkReplicas(connection: RedisConnection, reply: readonly unknown[]): readonly unknown[] {
    const acknowledged = Number(reply.at(-1));
    const { waitReplicas, waitTimeoutMs } = this.#options;
    if (acknowledged >= waitReplicas) return reply.slice(0, -1);
    const where = `Redis at ${addressText(connection.address)}`;
    throw new StoreError(
      'unavailable',
      `${where}: ${acknowledged} of ${waitReplicas} replicas had the write within ${waitTimeoutMs} ms`,
    );
  }
}

/** All of them in one turn, so that they go out together. Rejects with the first error, after all were answered. */
async function sendAll(connection: RedisConnection, commands: readonly Command[]): Promise<readonly unknown[]> {
  const [only] = commands;
  if (commands.length === 1 && only !== undefined) return [await connection.send(only)];
  const settled = await Promise.allSettled(commands.map((command) => connection.send(command)));
  return settled.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

function isReply(result: readonly unknown[] | Fault): result is readonly unknown[] {
  return Array.isArray(result);
}

function ignore(): void {
  // The next attempt meets the same trouble and tells it.
}
