/**
 * Connections to PostgreSQL, bounded in number and in waiting.
 *
 * - Writes have connections of their own: a thousand reads that wait never stand before a commit.
 * - A connection that gives no answer for `answerMs` is given up, so that a network that swallows packets holds nothing.
 * - A connection whose server turned out to be read-only, or whose state is not known, is closed: the next one finds
 *   whoever is the primary now.
 * - After a connection was lost, those that lay idle meanwhile are not used again: they have most likely gone with it.
 */
import { StoreError } from '@tandem/store';
import type { Pool, PoolClient, PoolConfig } from 'pg';
import type { SqlPool, SqlResult, SqlSession, SqlValue } from '../server-sql/sql-session.js';
import { newPool } from './new-pool.js';
import { PipelinedBatch, prepared, type BoundStatement, type PreparedStatement } from './pipelined-batch.js';
import { isConnectionSpoiled, isServersLimit, isUnsupported, postgresFaults } from './postgres-fault.js';
import { ServerLimit } from './server-limit.js';

export interface PostgresPoolOptions {
  readonly client: PoolConfig;
  /** Most connections together. */
  readonly connectionsMax: number;
  /** How many of them are for writes alone; fewer than all. */
  readonly writersMax: number;
  /** How long to wait for a free connection, or for a new one, in ms. */
  readonly waitMs: number;
  /** How long to wait for the answer to a batch, in ms. */
  readonly answerMs: number;
  /** False: statements are parsed each time, for a pooler that does not keep them. */
  readonly preparesStatements: boolean;
}

/** What goes before the statements of a transaction. */
type Frame = readonly string[];

/** Whatever a database has for a default: claims and wakes would fail each other on a stricter level. */
const begin = 'BEGIN ISOLATION LEVEL READ COMMITTED';
const commit = 'COMMIT';
const plainFrame: Frame = [begin];
const idleMs = 60_000;

/**
 * For statements that look up keys, those first that are tried first.
 * - PostgreSQL keeps a plan for as long as it thinks that nothing changed: one for a table that was empty would read all of it.
 * - Nobody waits for a lock on the server when nobody waits for the answer any more.
 * - A node that is cut off while it sends a batch holds the records of that batch until the server misses it, which is two
 *   hours by default.
 */
function framesOnKeys(answerMs: number): readonly Frame[] {
  const settings = [
    ['enable_seqscan', 'off'],
    ['lock_timeout', String(answerMs)],
    ['tcp_keepalives_idle', '5'],
    ['tcp_keepalives_interval', '1'],
  ];
  const all = settings.map(([name, value]) => `set_config('${name}', '${value}', true)`).join(', ');
  return [
    [begin, `SELECT ${all}`],
    [begin, 'SET LOCAL enable_seqscan = off'],
  ];
}

/** See the file head. Everything rejects with the driver's errors. */
export class PostgresPool implements SqlPool {
  readonly #writers: Pool;
  readonly #others: Pool;
  readonly #limit: ServerLimit;
  readonly #preparesStatements: boolean;
  readonly #waitMs: number;
  readonly #answerMs: number;
  readonly #statements = new Map<string, PreparedStatement>();
  readonly #spoiled = new WeakSet<PoolClient>();
  /** When a connection was last heard of, by the monotonic clock in ms, and when one was last lost. */
  readonly #heardAt = new WeakMap<PoolClient, number>();
  #lostAt = -1;
  #frameOnKeys: Frame;

  constructor(options: PostgresPoolOptions) {
    const { client, connectionsMax, writersMax, waitMs, answerMs, preparesStatements } = options;
    const shared = { ...client, connectionTimeoutMillis: waitMs, idleTimeoutMillis: idleMs, keepAlive: true };
    this.#writers = newPool({ ...shared, max: writersMax });
    this.#others = newPool({ ...shared, max: connectionsMax - writersMax });
    this.#limit = new ServerLimit([this.#writers, this.#others]);
    this.#preparesStatements = preparesStatements;
    this.#waitMs = waitMs;
    this.#answerMs = answerMs;
    this.#frameOnKeys = framesOnKeys(answerMs)[0] ?? plainFrame;
  }

  /** A statement that is planned once for each connection, for `write` and `readByKey`. SQL has a `?` for each value. */
  bind(sql: string, values: readonly SqlValue[] = []): BoundStatement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      const text = numbered(sql);
      statement = this.#preparesStatements ? prepared(text) : { name: '', text };
      this.#statements.set(sql, statement);
    }
    return { statement, values };
  }

  /**
   * A statement that is planned each time. A plan that was made while a table was nearly empty reads all of it, and is kept until
   * somebody analyses the table.
   */
  bindOnce(sql: string, values: readonly SqlValue[] = []): BoundStatement {
    return { statement: { name: '', text: numbered(sql) }, values };
  }

  /** Writes in one transaction, one round trip and one sync of the server; one result each. */
  write(statements: readonly BoundStatement[]): Promise<readonly SqlResult[]> {
    return this.#framed(this.#writers, statements, this.#frameOnKeys);
  }

  /** Reads that `bind` bound, in one transaction and one round trip. */
  readByKey(statements: readonly BoundStatement[]): Promise<readonly SqlResult[]> {
    return this.#framed(this.#others, statements, this.#frameOnKeys);
  }

  /** Looks what the engine lets itself be told; one that has no such settings goes without. */
  async learnEngine(): Promise<void> {
    for (const frame of framesOnKeys(this.#answerMs)) {
      this.#frameOnKeys = frame;
      try {
        await this.readByKey([]);
        return;
      } catch (error) {
        if (!isUnsupported(error)) throw error;
      }
    }
    this.#frameOnKeys = plainFrame;
  }

  async query(sql: string, values?: readonly SqlValue[]): Promise<SqlResult> {
    const [result] = await this.read([this.bindOnce(sql, values)]);
    if (result === undefined) throw new Error('PostgreSQL answered nothing');
    return result;
  }

  /** Statements in one transaction and one round trip; each sees what is committed when it runs. */
  read(statements: readonly BoundStatement[]): Promise<readonly SqlResult[]> {
    return this.#framed(this.#others, statements, plainFrame);
  }

  transaction<T>(work: (session: SqlSession) => Promise<T>): Promise<T> {
    return this.#on(this.#others, async (client) => {
      await this.#send(client, [this.bind(begin)]);
      const result = await work({
        query: async (sql, values) => {
          const [answer] = await this.#send(client, [this.bindOnce(sql, values)]);
          if (answer === undefined) throw new Error('PostgreSQL answered nothing');
          return answer;
        },
      });
      await this.#send(client, [this.bind(commit)]);
      return result;
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.#writers.end(), this.#others.end()]);
  }

  async #framed(pool: Pool, statements: readonly BoundStatement[], frame: Frame): Promise<readonly SqlResult[]> {
    const before = frame.map((sql) => this.bind(sql));
    const results = await this.#on(pool, (client) => this.#send(client, [...before, ...statements, this.bind(commit)]));
    return results.slice(before.length, -1);
  }

  async #on<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#connect(pool);
    try {
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      await this.#giveBack(client, error);
      throw error;
    }
  }

  /** Waiting again for what was waited for in vain would only take longer. */
  async #connect(pool: Pool): Promise<PoolClient> {
    const giveUpAt = performance.now() + this.#waitMs;
    for (;;) {
      this.#limit.look(pool);
      try {
        const client = await pool.connect();
        if ((this.#heardAt.get(client) ?? Infinity) > this.#lostAt) return client;
        client.release(true);
      } catch (error) {
        if (performance.now() >= giveUpAt) {
          const why = isServersLimit(error) ? `: ${(error as Error).message}` : '';
          throw new StoreError('unavailable', `PostgreSQL: no connection to be had in ${this.#waitMs} ms${why}`, {
            cause: error,
          });
        }
        if (!isServersLimit(error)) throw error;
        await this.#limit.makeRoom(pool);
      }
    }
  }

  /** The server rolled nothing back yet where a statement failed. */
  async #giveBack(client: PoolClient, error: unknown): Promise<void> {
    if (postgresFaults.effectOf(error) === 'unknown') this.#lostAt = performance.now();
    if (this.#spoiled.has(client) || isConnectionSpoiled(error)) {
      client.release(true);
      return;
    }
    try {
      await this.#send(client, [this.bindOnce('ROLLBACK')]);
      client.release();
    } catch {
      client.release(true);
    }
  }

  async #send(client: PoolClient, statements: readonly BoundStatement[]): Promise<readonly SqlResult[]> {
    const batch = new PipelinedBatch(statements);
    const timer = setTimeout(() => {
      batch.abandon(`no answer for ${this.#answerMs} ms`);
    }, this.#answerMs);
    client.query(batch);
    try {
      const results = await batch.results;
      this.#heardAt.set(client, performance.now());
      return results;
    } catch (error) {
      if (batch.leavesNamesUnknown) this.#spoiled.add(client);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** `?` as PostgreSQL counts them. No statement here has one in a text. */
function numbered(sql: string): string {
  let count = 0;
  return sql.replaceAll('?', () => `$${++count}`);
}
