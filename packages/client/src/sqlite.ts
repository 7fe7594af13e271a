/**
 * Barriers on SQLite, for every binding that speaks like `node:sqlite`: `node:sqlite` itself, `@photostructure/sqlite`,
 * `better-sqlite3`.
 *
 * The table is `dtm_barrier`, not DTM's `dtm_barrier.barrier`: SQLite's only schemas are attached files, and with a
 * write-ahead log a commit over two files is not atomic, which is all that a barrier is for.
 *
 * @module
 */
import type { BarrierSession } from './barrier/barrier-database.js';
import { isPromiseLike, type MaybePromise } from './barrier/maybe-promise.js';
import { keyOf } from './barrier/row-key.js';
import { quotedTableName } from './barrier/table-name.js';
import { BranchOngoing } from './branch/branch-outcome.js';
import { InvalidUse } from './errors.js';
import type { SqlStatements, SyncSqlDatabase } from './sql/sql-access.js';

/** What is used of a prepared statement. */
export interface SqliteStatement {
  /** Runs it; answers how many rows it changed. */
  run(...values: string[]): { readonly changes: number | bigint };
  /** Its first row; undefined: none. */
  get(...values: string[]): unknown;
  /** All its rows. */
  all(...values: string[]): unknown[];
}

/** What is used of a binding. */
export interface SqliteConnection {
  /** Runs statements that have no values. */
  exec(sql: string): unknown;
  /** Makes a statement of values that come later. */
  prepare(sql: string): SqliteStatement;
  /** Whether one is open: node:sqlite from Node 24, @photostructure/sqlite. */
  readonly isTransaction?: boolean;
  /** The same in better-sqlite3. */
  readonly inTransaction?: boolean;
}

/** Which table barriers use. */
export interface SqliteBarrierOptions {
  /** Default `dtm_barrier`. */
  readonly table?: string;
}

const defaultTable = 'dtm_barrier';

/** Uses this connection for barriers. */
export function sqlite<Connection extends SqliteConnection>(
  connection: Connection,
  options: SqliteBarrierOptions = {},
): SyncSqlDatabase<Connection> {
  const table = options.table ?? defaultTable;
  const session = (): BarrierSession<Connection> => sessionOf(connection, table);
  return {
    mode: 'sync',
    sql: {
      engine: 'sqlite',
      within: (tx) => (isInTransaction(tx) ? statementsOf(tx) : undefined),
      transaction: async (work) => inOwnTransaction(connection, () => synchronous(work(statementsOf(connection)))),
    },
    joined: (work) => {
      if (!isInTransaction(connection)) {
        throw new InvalidUse(
          'BARRIER_OUTSIDE_TRANSACTION',
          'barrier.run needs an open transaction: begin one first, or use barrier.transaction',
        );
      }
      return synchronous(work(session()));
    },
    transaction: async (work) => inOwnTransaction(connection, () => synchronous(work(session()))),
    check: async (work) => {
      if (isInTransaction(connection)) return 'open';
      try {
        return inOwnTransaction(connection, () => synchronous(work(session())));
      } catch (error) {
        if (isBusy(error)) return 'open';
        throw error;
      }
    },
  };
}

/** Creates the barrier table where it is missing. */
export function createBarrierTable(connection: SqliteConnection, options: SqliteBarrierOptions = {}): void {
  connection.exec(`create table if not exists ${quotedTableName(options.table ?? defaultTable)} (
    id integer primary key,
    trans_type text default '',
    gid text default '',
    branch_id text default '',
    op text default '',
    barrier_id text default '',
    reason text default '',
    create_time text default current_timestamp,
    update_time text default current_timestamp,
    constraint uniq_barrier unique (gid, branch_id, op, barrier_id)
  )`);
}

function sessionOf<Connection extends SqliteConnection>(
  connection: Connection,
  table: string,
): BarrierSession<Connection> {
  const name = quotedTableName(table);
  const prepare = (sql: string): SqliteStatement => {
    try {
      return connection.prepare(sql);
    } catch (error) {
      if (!(error instanceof Error && error.message.includes('no such table'))) throw error;
      throw new InvalidUse('BARRIER_TABLE_MISSING', `there is no table ${table}: call createBarrierTable once`, error);
    }
  };
  return {
    tx: connection,
    insert: (row) => {
      const columns = '(trans_type, gid, branch_id, op, barrier_id, reason)';
      const statement = prepare(`insert into ${name} ${columns} values (?, ?, ?, ?, ?, ?) on conflict do nothing`);
      return Number(statement.run(row.transType, ...keyOf(row), row.reason).changes) > 0;
    },
    reasonOf: (row) => {
      const statement = prepare(
        `select reason from ${name} where gid = ? and branch_id = ? and op = ? and barrier_id = ?`,
      );
      return (statement.get(...keyOf(row)) as { readonly reason: string } | undefined)?.reason;
    },
    deleteOld: ({ seconds, rowsMax }) => {
      const old = `select id from ${name} where create_time < datetime('now', ?) order by id limit ${rowsMax}`;
      return Number(prepare(`delete from ${name} where id in (${old})`).run(`-${seconds} seconds`).changes);
    },
  };
}

/** What has no rows is run: better-sqlite3 refuses to read the rows of what has none. */
function statementsOf(connection: SqliteConnection): SqlStatements {
  return (sql, values) => {
    const statement = connection.prepare(sql);
    if (sql.startsWith('select')) return statement.all(...values);
    statement.run(...values);
    return [];
  };
}

/** `immediate`: the write lock is taken before anything is read, so the transaction cannot fail half-way for the lack of it. */
function inOwnTransaction<T>(connection: SqliteConnection, work: () => T): T {
  if (isInTransaction(connection)) {
    throw new BranchOngoing('the connection is inside another transaction: use one of its own, or barrier.run');
  }
  connection.exec('begin immediate');
  try {
    const value = work();
    connection.exec('commit');
    return value;
  } catch (error) {
    if (isInTransaction(connection)) connection.exec('rollback');
    throw error;
  }
}

/** Asks the binding; one that cannot say (node:sqlite before Node 24) is asked by trying to begin. */
function isInTransaction(connection: SqliteConnection): boolean {
  const known = connection.isTransaction ?? connection.inTransaction;
  if (known !== undefined) return known;
  try {
    connection.exec('begin');
  } catch {
    return true;
  }
  connection.exec('rollback');
  return false;
}

/** Refuses a promise: while it is awaited, statements of other requests would join the open transaction. */
function synchronous<T>(value: MaybePromise<T>): T {
  if (!isPromiseLike(value)) return value;
  value.then(undefined, () => undefined);
  throw new InvalidUse(
    'WORK_MUST_BE_SYNCHRONOUS',
    'the work of a transaction on SQLite must not be async: others share the connection',
  );
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && /database( table)? is locked/.test(error.message);
}
