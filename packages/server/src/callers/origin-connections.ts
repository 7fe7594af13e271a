import { Client } from 'undici';

/** One connection to a target; it opens when a call needs it and closes when it was idle for a while. */
export interface Connection {
  readonly client: Client;
  /** It has carried an answer before, so that the peer may have closed it unnoticed. */
  hasAnswered: boolean;
}

export interface ConnectionOptions {
  /** Most connections to one origin. */
  readonly connectionsMax: number;
  /** How long opening one may take, in ms. */
  readonly connectTimeoutMs: number;
  /** An idle one is closed after this time, in ms, or earlier where the peer's Keep-Alive header says so. */
  readonly idleMs: number;
}

/**
 * The connections to one origin: one call each at a time, the one used last is used first, so that idle ones age and close.
 * A free list costs less per call than undici's Pool (docs/decisions/0006-http-server.md has the figures).
 */
export class OriginConnections {
  readonly #origin: string;
  readonly #options: ConnectionOptions;
  readonly #all = new Set<Connection>();
  readonly #free: Connection[] = [];
  #isClosed = false;

  constructor(origin: string, options: ConnectionOptions) {
    this.#origin = origin;
    this.#options = options;
  }

  /** A connection without a call, or undefined where all are busy. Give it back with `release`. */
  acquire(): Connection | undefined {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#isClosed || this.#all.size >= this.#options.connectionsMax) return undefined;
    const connection = { client: this.#open(), hasAnswered: false };
    this.#all.add(connection);
    return connection;
  }

  release(connection: Connection): void {
    this.#free.push(connection);
  }

  /** Lets the calls under way end, then closes. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#all].map(({ client }) => client.close()));
  }

  /** Drops the calls under way. */
  async destroy(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#all].map(({ client }) => client.destroy()));
  }

  #open(): Client {
    return new Client(this.#origin, {
      pipelining: 1,
      connect: { timeout: this.#options.connectTimeoutMs },
      keepAliveTimeout: this.#options.idleMs,
      // The call's own timer covers the whole call; undici's are coarser and would cost another two timers.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }
}
