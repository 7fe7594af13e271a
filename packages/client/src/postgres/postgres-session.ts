/** The barrier's statements on PostgreSQL, in DTM's table, whatever the library that carries them. */
import type { AsyncBarrierSession } from '../barrier/barrier-database.js';
import { keyOf } from '../barrier/row-key.js';
import { quotedTableName } from '../barrier/table-name.js';
import { durationMs, type Duration } from '../duration.js';
import { InvalidUse } from '../errors.js';
import { textOf, type SqlQuery } from '../sql/sql-adapter.js';
import { isPostgresTableMissing } from './sql-state.js';

/** Which table barriers use, and how long a back-check waits. */
export interface PostgresBarrierOptions {
  /** Default `dtm_barrier.barrier`. */
  readonly table?: string;
  /** How long a back-check waits for the local transaction before it answers that it is open. Default 2 s. */
  readonly checkLockTimeout?: Duration;
}

function tableOf({ table }: PostgresBarrierOptions): string {
  return table ?? 'dtm_barrier.barrier';
}

/** 0 would mean without end. */
export function lockTimeoutMsOf({ checkLockTimeout }: PostgresBarrierOptions): number {
  return Math.max(1, durationMs('checkLockTimeout', checkLockTimeout ?? '2s'));
}

/** Works in the transaction that is open on `tx`, through which `query` runs. */
export function postgresSession<Tx>(tx: Tx, query: SqlQuery, options: PostgresBarrierOptions): AsyncBarrierSession<Tx> {
  const table = tableOf(options);
  const name = quotedTableName(table);
  const rowsOf: SqlQuery = async (sql, values) => {
    try {
      return await query(sql, values);
    } catch (error) {
      if (!isPostgresTableMissing(error)) throw error;
      throw new InvalidUse('BARRIER_TABLE_MISSING', `there is no table ${table}: call createBarrierTable once`, error);
    }
  };
  return {
    tx,
    insert: async (row) => {
      // The times are given because DTM's own table has no default for them, and a cleaner needs them.
      const columns = '(trans_type, gid, branch_id, op, barrier_id, reason, create_time, update_time)';
      const values = '(?, ?, ?, ?, ?, ?, now(), now())';
      const sql = `insert into ${name} ${columns} values ${values} on conflict do nothing returning reason`;
      return (await rowsOf(sql, [row.transType, ...keyOf(row), row.reason])).length > 0;
    },
    reasonOf: async (row) => {
      const sql = `select reason from ${name} where gid = ? and branch_id = ? and op = ? and barrier_id = ?`;
      return textOf(await rowsOf(sql, keyOf(row)), 'reason');
    },
    deleteOld: async ({ seconds, rowsMax }) => {
      const old = `select id from ${name} where create_time < now() - interval '1 second' * ${seconds}
        order by id limit ${rowsMax} for update skip locked`;
      const deleted = `with deleted as (delete from ${name} where id in (${old}) returning 1)`;
      return Number(textOf(await rowsOf(`${deleted} select count(*) as count from deleted`, []), 'count'));
    },
  };
}

/** What comes before `create table if not exists`, in the same transaction. */
export function beforePostgresTable(table: string): string[] {
  const schema = table.includes('.') ? table.slice(0, table.indexOf('.')) : undefined;
  return [
    // "if not exists" is not safe against a second session that does the same at the same time.
    "select 1 from pg_advisory_xact_lock(hashtext('tandem barrier table'))",
    ...(schema === undefined ? [] : [`create schema if not exists ${quotedTableName(schema)}`]),
  ];
}

/** What makes the table, inside one transaction; where it is there, nothing changes. */
export function postgresTable(options: PostgresBarrierOptions): string[] {
  const table = tableOf(options);
  return [
    ...beforePostgresTable(table),
    `create table if not exists ${quotedTableName(table)} (
      id bigserial primary key,
      trans_type varchar(45) default '',
      gid varchar(128) default '',
      branch_id varchar(128) default '',
      op varchar(45) default '',
      barrier_id varchar(45) default '',
      reason varchar(45) default '',
      create_time timestamp(0) with time zone default now(),
      update_time timestamp(0) with time zone default now(),
      constraint uniq_barrier unique (gid, branch_id, op, barrier_id)
    )`,
  ];
}
