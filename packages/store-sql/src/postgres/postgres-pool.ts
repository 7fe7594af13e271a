/**
 * Connections to PostgreSQL, bounded in number and in waiting.
 *
 * - Writes have connections of their own: a thousand reads that wait never stand before a commit.
 * - A connection that gives no answer for `answerMs` is given up, so that a network that swallows packets holds nothing.
 * - A connection whose server turned out to be read-only, or whose state is not known, is closed: the next one finds
 *   whoever is the primary now.
 */
import { StoreError } from '@tandem/store';
import { Pool, type PoolClient, type PoolConfig } from 'pg';
import type { SqlPool, SqlResult, SqlSession, SqlValue } from '../server-sql/sql-session.js';
import { PipelinedBatch, prepared, type BoundStatement, type PreparedStatement } from './pipelined-batch.js';
import { isConnectionSpoiled, isUnsupported } from './postgres-fault.js';

export interface PostgresPoolOptions {
  readonly client: PoolConfig;
  /** Most connections together. */
  readonly connectionsMax: number;
  /** How many of them are for writes alone. */
  readonly writersMax: number;
  /** How long to wait for a free connection, or for a new one, in ms. */
  readonly waitMs: number;
  /** How long to wait for the answer to a batch, in ms. */
  readonly answerMs: number;
  /** False: statements are parsed each time, for a pooler that does not keep them. */
  readonly preparesStatements: boolean;
}

const begin = 'BEGIN ISOLATION LEVEL READ COMMITTED';
const commit = 'COMMIT';
/** PostgreSQL keeps a plan for as long as it thinks that nothing changed: one for a table that was empty would read all of it. */
const lookUpByKey = 'SET LOCAL enable_seqscan = off';
const idleMs = 60_000;

/** See the file head. Everything rejects with the driver's errors. */
export class PostgresPool implements SqlPool {
  readonly #writers: Pool;
  readonly #others: Pool;
  readonly #preparesStatements: boolean;
  readonly #waitMs: number;
  readonly #answerMs: number;
  readonly #statements = new Map<string, PreparedStatement>();
  readonly #spoiled = new WeakSet<PoolClient>();
  #frame: { readonly before: readonly string[]; readonly after: readonly string[] } = {
    before: [begin, lookUpByKey],
    after: [commit],
  };

  constructor(options: PostgresPoolOptions) {
    const { client, connectionsMax, writersMax, waitMs, answerMs, preparesStatements } = options;
    const shared = { ...client, connectionTimeoutMillis: waitMs, idleTimeoutMillis: idleMs, keepAlive: true };
    this.#writers = newPool({ ...shared, max: writersMax });
    this.#others = newPool({ ...shared, max: Math.max(1, connectionsMax - writersMax) });
    this.#preparesStatements = preparesStatements;
    this.#waitMs = waitMs;
    this.#answerMs = answerMs;
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
    return this.#onKeys(this.#writers, statements);
  }

  /** Reads that `bind` bound, in one transaction and one round trip. */
  readByKey(statements: readonly BoundStatement[]): Promise<readonly SqlResult[]> {
    return this.#onKeys(this.#others, statements);
  }

  /** Looks whether the engine lets its planner be told; one that has no such setting goes without. */
  async learnEngine(): Promise<void> {
    try {
      await this.readByKey([]);
    } catch (error) {
      if (!isUnsupported(error)) throw error;
      this.#frame = { before: [begin], after: [commit] };
    }
  }

  async query(sql: string, values?: readonly SqlValue[]): Promise<SqlResult> {
    const [result] = await this.read([this.bindOnce(sql, values)]);
    if (result === undefined) throw new Error('PostgreSQL answered nothing');
    return result;
  }

  /** Statements in one round trip; each sees what is committed when it runs. */
  read(statements: readonly BoundStatement[]): Promise<readonly SqlResult[]> {
    return this.#on(this.#others, (client) => this.#send(client, statements));
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

  async #onKeys(pool: Pool, statements: readonly BoundStatement[]): Promise<readonly SqlResult[]> {
    const before = this.#frame.before.map((sql) => this.bind(sql));
    const after = this.#frame.after.map((sql) => this.bind(sql));
    const results = await this.#on(pool, (client) => this.#send(client, [...before, ...statements, ...after]));
    return results.slice(before.length, results.length - after.length);
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
    const startedAt = performance.now();
    try {
      return await pool.connect();
    } catch (error) {
      if (performance.now() - startedAt < this.#waitMs) throw error;
      throw new StoreError('unavailable', `PostgreSQL: no connection to be had in ${this.#waitMs} ms`, {
        cause: error,
      });
    }
  }

  /** The server rolled nothing back yet where a statement failed. */
  async #giveBack(client: PoolClient, error: unknown): Promise<void> {
    if (this.#spoiled.has(client) || isConnectionSpoiled(error)) {
      client.release(true);
      return;
    }
    try {
      await client.query('ROLLBACK');
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
      return await batch.results;
    } catch (error) {
      if (batch.leavesNamesUnknown) this.#spoiled.add(client);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

function newPool(config: PoolConfig): Pool {
  const pool = new Pool(config);
  // A connection that ends while it is idle is taken out by the pool; one that is in use tells whoever uses it.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** `?` as PostgreSQL counts them. No statement here has one in a text. */
function numbered(sql: string): string {
  let count = 0;
  return sql.replaceAll('?', () => `$${++count}`);
}
