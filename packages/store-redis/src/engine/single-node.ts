import type { Connections } from './connections.js';
import type { RedisAddress } from './redis-address.js';
import type { RedisConnection } from './redis-connection.js';
import type { Topology } from './topology.js';

/** One node, always the same. */
export class SingleNode implements Topology {
  readonly seed: RedisAddress;
  readonly #connections: Connections;

  constructor(address: RedisAddress, connections: Connections) {
    this.seed = address;
    this.#connections = connections;
  }

  masterOf(): Promise<RedisConnection> {
    return this.#connections.at(this.seed);
  }

  at(address: RedisAddress): Promise<RedisConnection> {
    return this.#connections.at(address);
  }

  moved(): void {
    // A node of a cluster was given as if it were alone; the caller sees the slots move until it gives up.
  }

  // A name may lead to another node by now: behind it a managed service replaces a master.
  suspect(connection: RedisConnection | undefined): void {
    connection?.close();
  }

  close(): Promise<void> {
    return this.#connections.close();
  }
}
