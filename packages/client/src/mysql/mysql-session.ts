/** The barrier's statements on MySQL and MariaDB, in DTM's table, whatever the library that carries them. */
import type { BarrierRow } from '@tandem/protocol';
import type { AsyncBarrierSession } from '../barrier/barrier-database.js';
import { keyOf } from '../barrier/row-key.js';
import { quotedTableName } from '../barrier/table-name.js';
import { durationSeconds, type Duration } from '../duration.js';
import { InvalidUse } from '../errors.js';
import { textOf, type SqlQuery } from '../sql/sql-adapter.js';
import { asOfNow } from './as-of-now.js';
import { isMysqlTableMissing, mysqlError, mysqlErrorOf } from './mysql-errors.js';
import { literally } from './mysql-literals.js';

/** Which table barriers use, and how long a back-check waits. */
export interface MysqlBarrierOptions {
  /** Default `dtm_barrier.barrier`. */
  readonly table?: string;
  /** How long a back-check waits for the local transaction before it answers that it is open, in whole seconds. Default 2 s. */
  readonly checkLockTimeout?: Duration;
}

/** Also reads what is committed. */
export interface MysqlBarrierSession<Tx> extends AsyncBarrierSession<Tx> {
  /** The reason as committed, without waiting for whoever holds the row. */
  committedReasonOf(row: BarrierRow): Promise<string | undefined>;
}

function tableOf({ table }: MysqlBarrierOptions): string {
  return table ?? 'dtm_barrier.barrier';
}

/** A table's name as SQL: the engine quotes by backticks. */
export function mysqlTableName(table: string): string {
  return quotedTableName(table).replaceAll('"', '`');
}

/** Has statements wait for locks only briefly, until `waitAsUsual`. */
export async function waitBriefly(query: SqlQuery, { checkLockTimeout }: MysqlBarrierOptions): Promise<void> {
  const seconds = Math.max(1, durationSeconds('checkLockTimeout', checkLockTimeout ?? '2s'));
  await query(`set session innodb_lock_wait_timeout = ${seconds}`, []);
}

export async function waitAsUsual(query: SqlQuery): Promise<void> {
  await query('set session innodb_lock_wait_timeout = @@global.innodb_lock_wait_timeout', []);
}

/** Works in the transaction that is open on `tx`, through which `query` runs. */
export function mysqlStatements<Tx>(tx: Tx, query: SqlQuery, options: MysqlBarrierOptions): MysqlBarrierSession<Tx> {
  const name = mysqlTableName(tableOf(options));
  const run = literally(query);
  const rowsOf: SqlQuery = async (sql, values) => {
    try {
      return await run(sql, values);
    } catch (error) {
      if (!isMysqlTableMissing(error)) throw error;
      const told = `there is no table ${tableOf(options)}: call createBarrierTable once`;
      throw new InvalidUse('BARRIER_TABLE_MISSING', told, error);
    }
  };
  const selectReason = `select reason from ${name} where gid = ? and branch_id = ? and op = ? and barrier_id = ?`;
  const reason = async (row: BarrierRow, sql: string): Promise<string | undefined> =>
    textOf(await rowsOf(sql, keyOf(row)), 'reason');
  return {
    tx,
    insert: async (row) => {
      // Not "insert ignore", which would also cut what is too long and say nothing.
      const columns = '(trans_type, gid, branch_id, op, barrier_id, reason, create_time, update_time)';
      const sql = `insert into ${name} ${columns} values (?, ?, ?, ?, ?, ?, now(), now())`;
      try {
        await rowsOf(sql, [row.transType, ...keyOf(row), row.reason]);
        return true;
      } catch (error) {
        if (mysqlErrorOf(error) === mysqlError.duplicateEntry) return false;
        throw error;
      }
    },
    // A locking read sees the row that was in the way, which may be younger than this transaction's snapshot.
    reasonOf: (row) => reason(row, `${asOfNow}${selectReason} lock in share mode`),
    committedReasonOf: (row) => reason(row, selectReason),
    // A deadlock ends all of a transaction. Whoever catches its error goes on without one: what he wrote before is gone, the row too, and
    // what he writes then stays, whatever comes.
    requireKept: async (row) => {
      if ((await reason(row, selectReason)) !== undefined) return;
      throw new Error('the engine ended the transaction inside the work (a deadlock, for one): let such errors pass');
    },
    deleteOld: async ({ seconds, rowsMax }) => {
      const where = `where create_time < now() - interval ${seconds} second`;
      await rowsOf(`delete from ${name} ${where} order by create_time limit ${rowsMax}`, []);
      return Number(textOf(await rowsOf('select row_count() as count', []), 'count'));
    },
  };
}

/** What comes before `create table if not exists`. */
export function beforeMysqlTable(table: string): string[] {
  const [database] = table.includes('.') ? mysqlTableName(table).split('.') : [];
  return database === undefined ? [] : [`create database if not exists ${database}`];
}

/** What makes the table and its database; where they are there, nothing changes. Each statement commits by itself. */
export function mysqlTable(options: MysqlBarrierOptions): string[] {
  const table = tableOf(options);
  return [
    ...beforeMysqlTable(table),
    // Bytes, not letters: gids that differ in case or accents are different.
    `create table if not exists ${mysqlTableName(table)} (
      id bigint primary key auto_increment,
      trans_type varchar(45) default '',
      gid varchar(128) default '',
      branch_id varchar(128) default '',
      op varchar(45) default '',
      barrier_id varchar(45) default '',
      reason varchar(45) default '',
      create_time datetime default now(),
      update_time datetime default now(),
      key (create_time),
      key (update_time),
      unique key uniq_barrier (gid, branch_id, op, barrier_id)
    ) engine = InnoDB character set utf8mb4 collate utf8mb4_bin`,
  ];
}
