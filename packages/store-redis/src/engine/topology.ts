import type { RedisAddress } from './redis-address.js';
import type { RedisConnection } from './redis-connection.js';

/** Knows which node is the master of a slot, and how one finds out again. Methods reject with any error of a node. */
export interface Topology {
  /** The master that has the slot, as far as known. */
  masterOf(slot: number): Promise<RedisConnection>;
  /** Any node by its address. */
  at(address: RedisAddress): Promise<RedisConnection>;
  /** A node said that another one has the slot. */
  moved(slot: number, to: RedisAddress): void;
  /** This master did not behave like one: find out anew before it is used again. */
  suspect(connection: RedisConnection | undefined): void;
  /** For messages, where no node is known. */
  readonly seed: RedisAddress;
  close(): Promise<void>;
}
