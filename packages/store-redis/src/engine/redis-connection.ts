/**
 * One connection to one node; the only file that knows the client library.
 *
 * N1. It never connects again by itself and never sends anything twice: what was sent when it ended may or may not have
 *     happened, and only the caller knows whether to send it again.
 * N2. Commands go out and are answered in the order in which they were sent; those of one turn go out together.
 * N3. Nobody waits for ever: when no answer comes for `replyTimeoutMs` while one is due, the connection ends.
 */
import { createClient, ErrorReply } from '@redis/client';
import { addressText, type RedisAddress } from './redis-address.js';
import { ConnectionFault, RedisReplyError } from './redis-fault.js';

export interface ConnectionOptions {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  /** PEM texts; undefined: no TLS. An empty object trusts what Node trusts. */
  readonly tls: TlsOptions | undefined;
  readonly connectTimeoutMs: number;
  readonly replyTimeoutMs: number;
}

export interface TlsOptions {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
}

type Client = ReturnType<typeof newClient>;

/** See the file head. Methods reject with `ConnectionFault` or `RedisReplyError`. */
export class RedisConnection {
  readonly address: RedisAddress;
  readonly #client: Client;
  readonly #replyTimeoutMs: number;
  #due = 0;
  #timer: NodeJS.Timeout | undefined;
  #ended: ConnectionFault | undefined;

  private constructor(address: RedisAddress, client: Client, replyTimeoutMs: number) {
    this.address = address;
    this.#client = client;
    this.#replyTimeoutMs = replyTimeoutMs;
    client.on('error', (error: Error) => this.#end(error.message, error));
    client.on('end', () => this.#end('the connection has ended', undefined));
  }

  static async open(address: RedisAddress, options: ConnectionOptions): Promise<RedisConnection> {
    const client = newClient(address, options);
    const connection = new RedisConnection(address, client, options.replyTimeoutMs);
    // Connecting may log in and choose a database: a node that takes the connection may never answer these.
    connection.#watch();
    try {
      await client.connect();
      return connection;
    } catch (error) {
      connection.close();
      throw connection.#read(error);
    } finally {
      connection.#unwatch();
    }
  }

  get isOpen(): boolean {
    return this.#ended === undefined;
  }

  /** Sends one command. Texts are UTF-8. */
  async send(args: readonly string[]): Promise<unknown> {
    if (this.#ended !== undefined) throw this.#ended;
    this.#watch();
    try {
      return await this.#client.sendCommand(args);
    } catch (error) {
      throw this.#read(error);
    } finally {
      this.#unwatch();
    }
  }

  /** Ends it at once; what waits for an answer is rejected. */
  close(): void {
    this.#end('the connection was closed', undefined);
  }

  #watch(): void {
    if (this.#due++ > 0) return;
    this.#timer = setTimeout(() => {
      this.#end(`no answer within ${this.#replyTimeoutMs} ms`, undefined);
    }, this.#replyTimeoutMs);
  }

  // Every answer is a sign of life for those that wait behind it.
  #unwatch(): void {
    if (--this.#due > 0) this.#timer?.refresh();
    else clearTimeout(this.#timer);
  }

  #end(reason: string, cause: unknown): void {
    if (this.#ended !== undefined) return;
    this.#ended = new ConnectionFault(reason, { cause });
    clearTimeout(this.#timer);
    if (this.#client.isOpen) this.#client.destroy();
  }

  #read(error: unknown): Error {
    if (error instanceof ErrorReply) return new RedisReplyError(error.message);
    return this.#ended ?? new ConnectionFault(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function newClient(address: RedisAddress, options: ConnectionOptions) {
  const { host, port } = address;
  const { tls, connectTimeoutMs: connectTimeout } = options;
  const place = { host, port, connectTimeout, reconnectStrategy: false } as const;
  return createClient({
    socket: tls === undefined ? place : { ...place, ...tls, tls: true },
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
    ...(options.database === 0 ? {} : { database: options.database }),
    RESP: 2,
    disableOfflineQueue: true,
    // Some servers and proxies do not know the command.
    disableClientInfo: true,
    // The library would set a timer for each command; ours is one for all (N3).
    commandOptions: { timeout: 0 },
  });
}

/** For messages. */
export function describeConnection({ address }: RedisConnection): string {
  return addressText(address);
}
