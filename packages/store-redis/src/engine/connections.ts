import { StoreError } from '@tandem/store';
import { addressText, type RedisAddress } from './redis-address.js';
import { RedisConnection, type ConnectionOptions } from './redis-connection.js';

/** One connection to each node that is used, opened when it is first asked for and again when it has ended. */
export class Connections {
  readonly #options: ConnectionOptions;
  readonly #prepare: (connection: RedisConnection) => Promise<void>;
  readonly #open = new Map<string, Promise<RedisConnection>>();
  #isClosed = false;

  /** `prepare` is run on each new connection before anything else is; where it rejects, there is no connection. */
  constructor(options: ConnectionOptions, prepare: (connection: RedisConnection) => Promise<void>) {
    this.#options = options;
    this.#prepare = prepare;
  }

  async at(address: RedisAddress): Promise<RedisConnection> {
    if (this.#isClosed) throw new StoreError('closed', 'the store is closed');
    const name = addressText(address);
    const known = this.#open.get(name);
    if (known !== undefined) {
      const connection = await known;
      if (connection.isOpen) return connection;
      if (this.#open.get(name) === known) this.#open.delete(name);
      return this.at(address);
    }
    const opening = this.#connect(address);
    this.#open.set(name, opening);
    // Who comes after a failure tries anew.
    opening.catch(() => {
      if (this.#open.get(name) === opening) this.#open.delete(name);
    });
    return opening;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const result of await Promise.allSettled(this.#open.values())) {
      if (result.status === 'fulfilled') result.value.close();
    }
    this.#open.clear();
  }

  async #connect(address: RedisAddress): Promise<RedisConnection> {
    const connection = await RedisConnection.open(address, this.#options);
    try {
      await this.#prepare(connection);
    } catch (error) {
      connection.close();
      throw error;
    }
    return connection;
  }
}
