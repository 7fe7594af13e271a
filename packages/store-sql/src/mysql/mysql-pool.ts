/**
 * A few connections to one server, of which each call takes one.
 *
 * P1. At most `connectionsMax` at once; who finds none waits in order, for no longer than `waitMsMax`.
 * P2. With several hosts all connections go to one of them, as long as it takes writes: two writers of the same rows on two
 *     nodes of a cluster would meet at their commits.
 * P3. Where the server takes no more of them, it goes on with those that there are; who finds none waits as in P1.
 * P4. After a connection was lost, those that lie idle are dropped too: they have most likely gone with it.
 */
import { StoreError } from '@tandem/store';
import type { SqlResult, SqlSession, SqlValue } from '../server-sql/sql-session.js';
import {
  MysqlConnection,
  unknownServer,
  type ConnectionOptions,
  type ServerFacts,
  type StatementResult,
} from './mysql-connection.js';
import { isElsewhere, isServersLimit, MysqlError } from './mysql-fault.js';
import { withLiterals } from './mysql-literal.js';
import type { MysqlTarget } from './mysql-url.js';

/** Below the servers' own limit of our sessions, 60 s. */
const idleMsMax = 30_000;
const waitMsMax = 10_000;
/** After the server refused a connection: how long none is opened while there are others, or while there are none. */
const refusedMs = { withOthers: 5_000, alone: 100 };

export interface PoolOptions extends ConnectionOptions {
  readonly connectionsMax: number;
}

interface Waiting {
  readonly resolve: (connection: MysqlConnection) => void;
  readonly reject: (error: unknown) => void;
  /** Gives up. */
  readonly timer: NodeJS.Timeout;
}

/** See the file head. Rejects with `MysqlError`, or with `StoreError` `closed`. */
export class MysqlPool implements SqlSession {
  readonly #target: MysqlTarget;
  readonly #options: PoolOptions;
  readonly #idle: MysqlConnection[] = [];
  readonly #waiting: Waiting[] = [];
  /** Those in use, and those being opened. */
  #busy = 0;
  #host = 0;
  #isClosed = false;
  #server = unknownServer;
  /** The server refused a connection; until when none is opened. */
  #refusal: { readonly fault: unknown; readonly untilMs: number } | undefined;

  constructor(target: MysqlTarget, options: PoolOptions) {
    this.#target = target;
    this.#options = options;
  }

  /** Of the server that was last connected to. */
  get server(): ServerFacts {
    return this.#server;
  }

  /** One statement, a transaction of its own, with one `?` for each value. */
  async query(sql: string, values: readonly SqlValue[] = []): Promise<SqlResult> {
    const statement = withLiterals(sql, values);
    const [result] = await this.#use((connection) => connection.run([statement]));
    return result ?? { rows: [], affected: 0 };
  }

  /** Statements in one packet, each a transaction of its own. */
  run(statements: readonly string[]): Promise<readonly StatementResult[]> {
    return this.#use((connection) => connection.run(statements));
  }

  /** Statements in one packet, all or nothing. */
  inTransaction(statements: readonly string[]): Promise<readonly StatementResult[]> {
    return this.#use((connection) => connection.inTransaction(statements));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#rejectWaiting(closed());
    for (const connection of this.#idle.splice(0)) connection.close();
    return Promise.resolve();
  }

  async #use<T>(work: (connection: MysqlConnection) => Promise<T>): Promise<T> {
    const connection = await this.#take();
    try {
      return await work(connection);
    } catch (error) {
      if (error instanceof MysqlError) this.#noteFault(connection, error);
      throw error;
    } finally {
      this.#giveBack(connection);
    }
  }

  #noteFault(connection: MysqlConnection, error: MysqlError): void {
    if (!error.isFatal && !isElsewhere(error)) return;
    connection.destroy();
    for (const idle of this.#idle.splice(0)) idle.destroy();
    if (isElsewhere(error)) this.#leave(connection);
  }

  #take(): Promise<MysqlConnection> {
    if (this.#isClosed) return Promise.reject(closed());
    this.#dropStale();
    const idle = this.#idle.pop();
    if (idle !== undefined) {
      this.#busy++;
      return Promise.resolve(idle);
    }
    return this.#mayOpen ? this.#open() : this.#wait();
  }

  get #mayOpen(): boolean {
    const isRefused = this.#refusal !== undefined && performance.now() < this.#refusal.untilMs;
    return !isRefused && this.#busy < this.#options.connectionsMax;
  }

  #wait(): Promise<MysqlConnection> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        const text = `MySQL: no connection was free within ${String(waitMsMax)} ms`;
        const fault = this.#refusal?.fault;
        reject(
          new StoreError('unavailable', fault instanceof Error ? `${text}: ${fault.message}` : text, { cause: fault }),
        );
      }, waitMsMax);
      const waiting: Waiting = { resolve, reject, timer };
      this.#waiting.push(waiting);
    });
  }

  /** Who has waited longest, and waits no longer. */
  #nextWaiting(): Waiting | undefined {
    const next = this.#waiting.shift();
    clearTimeout(next?.timer);
    return next;
  }

  #rejectWaiting(error: unknown): void {
    for (let next = this.#nextWaiting(); next !== undefined; next = this.#nextWaiting()) next.reject(error);
  }

  #giveBack(connection: MysqlConnection): void {
    if (this.#isClosed) connection.close();
    if (!connection.isUsable) {
      this.#busy--;
      this.#openForNext();
      return;
    }
    const next = this.#nextWaiting();
    if (next !== undefined) {
      next.resolve(connection);
      return;
    }
    this.#busy--;
    connection.idleSince = performance.now();
    this.#idle.push(connection);
  }

  #openForNext(): void {
    if (!this.#mayOpen) return;
    const next = this.#nextWaiting();
    if (next !== undefined) void this.#open().then(next.resolve, next.reject);
  }

  /** To the host of before where it is to be had, or else to the next of them that is. */
  async #open(): Promise<MysqlConnection> {
    this.#busy++;
    const { hosts } = this.#target;
    const first = this.#host;
    let fault: unknown;
    for (let step = 0; step < hosts.length; step++) {
      const at = (first + step) % hosts.length;
      const host = hosts[at];
      if (host === undefined) continue;
      try {
        const connection = await MysqlConnection.open(this.#target, host, this.#options);
        this.#host = at;
        this.#server = connection.server;
        this.#refusal = undefined;
        return connection;
      } catch (error) {
        fault = error;
      }
    }
    this.#busy--;
    if (isServersLimit(fault)) return this.#waitForRoom(fault);
    // Each of them would wait for the same in its turn.
    this.#rejectWaiting(fault);
    throw fault;
  }

  /** Somebody of ours gives one back, or the server is asked again after a while. */
  #waitForRoom(fault: unknown): Promise<MysqlConnection> {
    const pauseMs = this.#busy > 0 ? refusedMs.withOthers : refusedMs.alone;
    this.#refusal = { fault, untilMs: performance.now() + pauseMs };
    const waited = this.#wait();
    setTimeout(() => {
      this.#openForNext();
    }, pauseMs).unref();
    return waited;
  }

  /** The next connection goes to another host, unless somebody has moved on before. */
  #leave({ host }: MysqlConnection): void {
    if (this.#target.hosts[this.#host] === host) this.#host = (this.#host + 1) % this.#target.hosts.length;
  }

  #dropStale(): void {
    const oldest = performance.now() - idleMsMax;
    for (let index = this.#idle.length - 1; index >= 0; index--) {
      const connection = this.#idle[index];
      if (connection?.isUsable === true && connection.idleSince > oldest) continue;
      this.#idle.splice(index, 1);
      connection?.close();
    }
  }
}

function closed(): StoreError {
  return new StoreError('closed', 'the store is closed');
}
