import { StoreError } from '@tandem/store';
import type { Connections } from './connections.js';
import { addressText, type RedisAddress } from './redis-address.js';
import type { RedisConnection } from './redis-connection.js';
import type { Topology } from './topology.js';

interface SlotRange {
  readonly first: number;
  readonly last: number;
  readonly master: RedisAddress;
}

/** The masters of a Redis Cluster, each with a range of slots. The map is read anew whenever it proves wrong. */
export class ClusterNodes implements Topology {
  readonly seed: RedisAddress;
  readonly #seeds: readonly RedisAddress[];
  readonly #connections: Connections;
  /** What nodes said since the map was read. */
  readonly #moved = new Map<number, RedisAddress>();
  #ranges: readonly SlotRange[] = [];
  #reading: Promise<void> | undefined;
  #isStale = true;

  constructor(seeds: readonly RedisAddress[], connections: Connections) {
    const [seed] = seeds;
    if (seed === undefined) throw new StoreError('incompatible', 'no node of the cluster is named');
    this.seed = seed;
    this.#seeds = seeds;
    this.#connections = connections;
  }

  async masterOf(slot: number): Promise<RedisConnection> {
    if (this.#isStale) await (this.#reading ??= this.#read());
    const address =
      this.#moved.get(slot) ?? this.#ranges.find(({ first, last }) => slot >= first && slot <= last)?.master;
    if (address === undefined) {
      this.#isStale = true;
      throw new Error(`no node of the cluster has slot ${slot}`);
    }
    try {
      return await this.#connections.at(address);
    } catch (error) {
      this.#isStale = true;
      throw error;
    }
  }

  at(address: RedisAddress): Promise<RedisConnection> {
    return this.#connections.at(address);
  }

  moved(slot: number, to: RedisAddress): void {
    this.#moved.set(slot, to);
  }

  // Its connection stays, if it has one: who waits for answers there may well get them.
  suspect(): void {
    this.#isStale = true;
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  /** From whichever node answers first of those that are known; it rejects where none does. */
  async #read(): Promise<void> {
    const masters = this.#ranges.map((range) => range.master);
    const known = new Map([...masters, ...this.#seeds].map((address) => [addressText(address), address]));
    try {
      const ranges = await Promise.any([...known.values()].map((address) => this.#askOne(address)));
      this.#ranges = ranges;
      this.#moved.clear();
      this.#isStale = false;
    } catch (error) {
      const cause: unknown = error instanceof AggregateError ? error.errors[0] : error;
      if (cause instanceof StoreError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`no node of the cluster answers (${[...known.keys()].join(', ')}): ${reason}`, { cause });
    } finally {
      this.#reading = undefined;
    }
  }

  async #askOne(address: RedisAddress): Promise<readonly SlotRange[]> {
    const connection = await this.#connections.at(address);
    const answer = await connection.send(['CLUSTER', 'SLOTS']);
    const ranges = Array.isArray(answer) ? answer.map((range) => rangeOf(range, address)) : [];
    const found = ranges.filter((range) => range !== undefined);
    if (found.length === 0) throw new Error(`${addressText(address)} knows no slots`);
    return found;
  }
}

/** Reads [first, last, [host, port, ...], ...]; an empty host means the one that was asked. */
function rangeOf(range: unknown, asked: RedisAddress): SlotRange | undefined {
  if (!Array.isArray(range)) return undefined;
  const [first, last, master] = range as readonly unknown[];
  if (!Array.isArray(master)) return undefined;
  const [host, port] = master as readonly unknown[];
  return {
    first: Number(first),
    last: Number(last),
    master: { host: typeof host === 'string' && host !== '' ? host : asked.host, port: Number(port) },
  };
}
