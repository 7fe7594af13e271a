/**
 * One connection, and the settings of its session that everything else leans on. It owns the driver's connection; it does not
 * retry.
 *
 * M1. Statements of one call go in one packet, one round trip. The first that fails ends them.
 * M2. A transaction begins and ends in one call (`inTransaction`), but for M4 in one packet: who vanishes leaves no locks behind.
 * M3. Sessions are strict (what does not fit is an error, not a warning), read committed, in utf8mb4, with quotes as the only
 *     escape, and commit each statement that is no part of a transaction; they never lean on a time zone.
 * M4. On Galera a transaction takes a round trip for each statement. MariaDB 10.11 does not tell when a certification conflict
 *     rolled back between two statements of one packet: the rest runs as if nothing had been, and COMMIT says OK.
 */
import { createConnection, type Connection } from 'mysql2';
import { StoreError } from '@tandem/store';
import type { SqlRow } from '../server-sql/sql-session.js';
import { MysqlError, mysqlErrorOf } from './mysql-fault.js';
import type { MysqlHost, MysqlTarget } from './mysql-url.js';

/** What one statement answered. */
export interface StatementResult {
  /** Texts as strings, whatever the type of their column. */
  readonly rows: readonly SqlRow[];
  /** Rows that it inserted, changed or deleted; of a duplicate that changed nothing, none. */
  readonly affected: number;
  /** What LAST_INSERT_ID(...) was given. */
  readonly insertId: number;
}

export interface ConnectionOptions {
  readonly connectTimeoutMs: number;
  /** Longest wait for an answer; the connection is given up then. */
  readonly replyTimeoutMs: number;
}

/** What a server tells of itself. */
export interface ServerFacts {
  /** Largest packet that it takes. */
  readonly packetBytesMax: number;
  /** Its FOR UPDATE can pass by what others hold. */
  readonly hasSkipLocked: boolean;
  /** A node of a cluster in which every node takes writes. */
  readonly isGalera: boolean;
}

export const unknownServer: ServerFacts = { packetBytesMax: 1 << 20, hasSkipLocked: false, isGalera: false };

const sessionSettings = [
  'SET NAMES utf8mb4 COLLATE utf8mb4_bin',
  `SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES,NO_ENGINE_SUBSTITUTION'`,
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  // What a server may be set to otherwise: a statement alone would never be committed, a read be cut short, a wake be refused.
  'SET SESSION autocommit = 1, completion_type = 0, sql_select_limit = 18446744073709551615, sql_safe_updates = 0',
  // Short: a deadlock across two engines' locks, or a lost session's lock, must not hold up the batch behind it.
  'SET SESSION innodb_lock_wait_timeout = 5',
  // An idle connection is closed by the pool long before; a session whose client was cut off is closed by the server.
  'SET SESSION wait_timeout = 60',
];

/** See the file head. */
export class MysqlConnection {
  readonly host: MysqlHost;
  readonly server: ServerFacts;
  readonly #connection: Connection;
  readonly #replyTimeoutMs: number;
  #isUsable = true;
  /** When it was last given back, by the monotonic clock in ms. */
  idleSince = 0;

  private constructor(connection: Connection, host: MysqlHost, server: ServerFacts, replyTimeoutMs: number) {
    this.#connection = connection;
    this.host = host;
    this.server = server;
    this.#replyTimeoutMs = replyTimeoutMs;
    const end = (): void => {
      this.#isUsable = false;
    };
    connection.on('error', end);
    connection.on('end', end);
  }

  /** Rejects with `MysqlError`, or with `StoreError` where the server is not what the store needs. */
  static async open(target: MysqlTarget, host: MysqlHost, options: ConnectionOptions): Promise<MysqlConnection> {
    const { user, password, database, tls } = target;
    const connection = createConnection({
      ...host,
      ...{ user, password, database },
      ...(tls === undefined ? {} : { ssl: tls }),
      connectTimeout: options.connectTimeoutMs,
      charset: 'UTF8MB4_BIN',
      // A duplicate that changes nothing has to count as nothing.
      flags: ['-FOUND_ROWS'],
      multipleStatements: true,
      rowsAsArray: true,
      enableKeepAlive: true,
      keepAliveInitialDelay: 20_000,
    });
    try {
      await untilConnected(connection);
      const raw = new MysqlConnection(connection, host, unknownServer, options.replyTimeoutMs);
      const server = await prepareSession(raw);
      return new MysqlConnection(connection, host, server, options.replyTimeoutMs);
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }

  get isUsable(): boolean {
    return this.#isUsable;
  }

  /** One packet. Rejects with `MysqlError`; after a fatal one the connection is not usable. */
  async run(statements: readonly string[]): Promise<readonly StatementResult[]> {
    try {
      const answer = await this.#query(statements.join(';'));
      const answers = statements.length === 1 ? [answer] : (answer as readonly unknown[]);
      return answers.map(resultOf);
    } catch (error) {
      const read = mysqlErrorOf(error);
      if (read.isFatal) this.destroy();
      throw read;
    }
  }

  /** All or nothing; the results are those of `statements`. */
  async inTransaction(statements: readonly string[]): Promise<readonly StatementResult[]> {
    const all = ['START TRANSACTION', ...statements, 'COMMIT'];
    try {
      const results = this.server.isGalera ? await this.#runOneByOne(all) : await this.run(all);
      return results.slice(1, -1);
    } catch (error) {
      await this.#rollBack();
      throw error;
    }
  }

  /** Ends it in order. */
  close(): void {
    this.#isUsable = false;
    this.#connection.end(() => undefined);
  }

  destroy(): void {
    this.#isUsable = false;
    this.#connection.destroy();
  }

  async #runOneByOne(statements: readonly string[]): Promise<readonly StatementResult[]> {
    const results: StatementResult[] = [];
    for (const statement of statements) results.push(...(await this.run([statement])));
    return results;
  }

  /** A statement that failed may have left the transaction, and its locks, as they were. */
  async #rollBack(): Promise<void> {
    if (!this.#isUsable) return;
    await this.run(['ROLLBACK']).catch(() => {
      this.destroy();
    });
  }

  #query(sql: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.destroy();
        reject(new MysqlError('ETIMEDOUT', 0, `no answer within ${String(this.#replyTimeoutMs)} ms`, true));
      }, this.#replyTimeoutMs);
      this.#connection.query({ sql, rowsAsArray: true }, (error, answer) => {
        clearTimeout(timer);
        if (error === null) resolve(answer);
        else reject(error);
      });
    });
  }
}

function untilConnected(connection: Connection): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.connect((error) => {
      if (error === null) resolve();
      else reject(mysqlErrorOf(error));
    });
  });
}

/** Makes the session as M3 has it. */
async function prepareSession(connection: MysqlConnection): Promise<ServerFacts> {
  const results = await connection.run([
    ...sessionSettings,
    `SHOW VARIABLES LIKE 'wsrep_on'`,
    `SHOW STATUS LIKE 'wsrep_ready'`,
    'SELECT @@max_allowed_packet, @@sql_mode, @@read_only, VERSION()',
  ]);
  const [wsrepOn, wsrepReady, facts] = results.slice(-3).map((result) => result.rows[0] ?? []);
  const [packetBytesMax, sqlMode, readOnly, version] = facts ?? [];
  if (!String(sqlMode).includes('NO_BACKSLASH_ESCAPES')) {
    throw new StoreError('incompatible', 'the server, or a proxy before it, does not keep the settings of a session');
  }
  if (isOn(readOnly)) throw new MysqlError('ER_OPTION_PREVENTS_STATEMENT', 1290, 'the server is read-only', false);
  const isGalera = isOn(wsrepOn?.[1]);
  if (isGalera) {
    if (!isOn(wsrepReady?.[1]))
      throw new MysqlError('ER_UNKNOWN_COM_ERROR', 1047, 'the Galera node is not ready', false);
    // A read first waits for what other nodes have committed before it: what was answered there must be found here. A write
    // need not, since what it expects was read here; but for what the node before this one answered.
    await connection.run(['SET SESSION wsrep_sync_wait = 1', 'START TRANSACTION', 'COMMIT']);
  }
  return { packetBytesMax: Number(packetBytesMax), hasSkipLocked: hasSkipLocked(String(version)), isGalera };
}

/** MySQL 8.0.1, MariaDB 10.6; TiDB calls itself MySQL 8 and has it not. */
function hasSkipLocked(version: string): boolean {
  const [, major = '0', minor = '0'] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  if (/tidb/i.test(version)) return false;
  return Number(major) > 10 || (Number(major) === 10 ? Number(minor) >= 6 : Number(major) >= 8);
}

function isOn(value: unknown): boolean {
  return value === 1 || value === '1' || value === 'ON';
}

function resultOf(answer: unknown): StatementResult {
  if (Array.isArray(answer)) return { rows: textRows(answer as unknown[][]), affected: 0, insertId: 0 };
  const { affectedRows, insertId } = answer as { readonly affectedRows: number; readonly insertId: number };
  return { rows: [], affected: affectedRows, insertId };
}

/** Binary columns hold texts here too: binary, so that they are compared as bytes. */
function textRows(rows: unknown[][]): readonly SqlRow[] {
  for (const row of rows) {
    for (let index = 0; index < row.length; index++) {
      const value = row[index];
      if (value instanceof Buffer) row[index] = value.toString();
    }
  }
  return rows;
}
