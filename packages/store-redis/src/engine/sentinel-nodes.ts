import { StoreError } from '@tandem/store';
import type { Connections } from './connections.js';
import { addressText, type RedisAddress } from './redis-address.js';
import type { RedisConnection } from './redis-connection.js';
import type { Topology } from './topology.js';

/** One master, which Sentinels name; after a failover they name another. */
export class SentinelNodes implements Topology {
  readonly seed: RedisAddress;
  readonly #sentinels: RedisAddress[];
  readonly #masterName: string;
  readonly #connections: Connections;
  readonly #sentinelConnections: Connections;
  #master: Promise<RedisConnection> | undefined;

  constructor(
    place: { readonly sentinels: readonly RedisAddress[]; readonly masterName: string },
    connections: Connections,
    sentinelConnections: Connections,
  ) {
    const [seed] = place.sentinels;
    if (seed === undefined) throw new StoreError('incompatible', 'no sentinel is named');
    this.seed = seed;
    this.#sentinels = [...place.sentinels];
    this.#masterName = place.masterName;
    this.#connections = connections;
    this.#sentinelConnections = sentinelConnections;
  }

  async masterOf(): Promise<RedisConnection> {
    const known = this.#master ?? this.#find();
    this.#master = known;
    try {
      const connection = await known;
      if (connection.isOpen) return connection;
    } catch (error) {
      if (this.#master === known) this.#master = undefined;
      throw error;
    }
    if (this.#master === known) this.#master = undefined;
    return this.masterOf();
  }

  at(address: RedisAddress): Promise<RedisConnection> {
    return this.#connections.at(address);
  }

  moved(): void {
    // Sentinel watches over single masters; they have all slots.
  }

  suspect(connection: RedisConnection | undefined): void {
    connection?.close();
    this.#master = undefined;
  }

  async close(): Promise<void> {
    await Promise.all([this.#connections.close(), this.#sentinelConnections.close()]);
  }

  async #find(): Promise<RedisConnection> {
    let failure: unknown;
    for (const sentinel of [...this.#sentinels]) {
      try {
        const connection = await this.#askOne(sentinel);
        this.#prefer(sentinel);
        return connection;
      } catch (error) {
        // What is wrong with the master itself, every other Sentinel would lead to as well.
        if (error instanceof StoreError) throw error;
        failure = error;
      }
    }
    const names = this.#sentinels.map(addressText).join(', ');
    const reason = failure instanceof Error ? failure.message : String(failure);
    throw new Error(`no sentinel of ${names} names a working master "${this.#masterName}": ${reason}`, {
      cause: failure,
    });
  }

  async #askOne(sentinel: RedisAddress): Promise<RedisConnection> {
    const asked = await this.#sentinelConnections.at(sentinel);
    const answer = await asked.send(['SENTINEL', 'get-master-addr-by-name', this.#masterName]);
    if (!Array.isArray(answer)) throw new Error(`${addressText(sentinel)} knows no master "${this.#masterName}"`);
    const address = { host: String(answer[0]), port: Number(answer[1]) };
    const connection = await this.#connections.at(address);
    // Right after a failover a Sentinel may name the old master, or one that is not promoted yet.
    const role: unknown = await connection.send(['ROLE']);
    if (Array.isArray(role) && role[0] === 'master') return connection;
    connection.close();
    throw new Error(`${addressText(address)} is not the master yet`);
  }

  /** Who answered is asked first next time. */
  #prefer(sentinel: RedisAddress): void {
    this.#sentinels.splice(this.#sentinels.indexOf(sentinel), 1);
    this.#sentinels.unshift(sentinel);
  }
}
