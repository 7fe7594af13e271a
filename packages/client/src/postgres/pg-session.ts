/** The barrier's statements on PostgreSQL by node-postgres, in DTM's table. */
import type { ClientBase, QueryResult } from 'pg';
import type { BarrierRow } from '@tandem/protocol';
import type { AsyncBarrierSession } from '../barrier/barrier-database.js';
import { quotedTableName } from '../barrier/table-name.js';
import { durationMs, type Duration } from '../duration.js';
import { InvalidUse } from '../errors.js';
import { sqlState, sqlStateOf } from './sql-state.js';

export interface PgBarrierOptions {
  /** Default `dtm_barrier.barrier`. */
  readonly table?: string;
  /** How long a back-check waits for the local transaction before it answers that it is open. Default 2 s. */
  readonly checkLockTimeout?: Duration;
}

const missing: readonly (string | undefined)[] = [sqlState.undefinedTable, sqlState.invalidSchemaName];

export function tableOf({ table }: PgBarrierOptions): string {
  return table ?? 'dtm_barrier.barrier';
}

/** 0 would mean without end. */
export function lockTimeoutMsOf({ checkLockTimeout }: PgBarrierOptions): number {
  return Math.max(1, durationMs('checkLockTimeout', checkLockTimeout ?? '2s'));
}

/** Works in the transaction that is open on the client. */
export function pgSession<Client extends ClientBase>(
  client: Client,
  options: PgBarrierOptions,
): AsyncBarrierSession<Client> {
  const table = tableOf(options);
  const name = quotedTableName(table);
  const query = async (sql: string, values: string[]): Promise<QueryResult> => {
    try {
      return await client.query(sql, values);
    } catch (error) {
      if (!missing.includes(sqlStateOf(error))) throw error;
      throw new InvalidUse('BARRIER_TABLE_MISSING', `there is no table ${table}: call createBarrierTable once`, error);
    }
  };
  return {
    tx: client,
    insert: async (row) => {
      // The times are given because DTM's own table has no default for them, and a cleaner needs them.
      const columns = '(trans_type, gid, branch_id, op, barrier_id, reason, create_time, update_time)';
      const sql = `insert into ${name} ${columns} values ($1, $2, $3, $4, $5, $6, now(), now()) on conflict do nothing`;
      return (await query(sql, [row.transType, ...keyOf(row), row.reason])).rowCount === 1;
    },
    reasonOf: async (row) => {
      const sql = `select reason from ${name} where gid = $1 and branch_id = $2 and op = $3 and barrier_id = $4`;
      const [found] = (await query(sql, keyOf(row))).rows as { readonly reason: string }[];
      return found?.reason;
    },
  };
}

function keyOf(row: BarrierRow): [string, string, string, string] {
  return [row.gid, row.branchId, row.op, row.barrierId];
}
