/** The barrier's statements on MySQL and MariaDB by mysql2, in DTM's table. */
import type { Connection, ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import type { BarrierRow } from '@tandem/protocol';
import type { AsyncBarrierSession } from '../barrier/barrier-database.js';
import { quotedTableName } from '../barrier/table-name.js';
import { durationSeconds, type Duration } from '../duration.js';
import { InvalidUse } from '../errors.js';
import { mysqlError, mysqlErrorOf } from './mysql-errors.js';

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

const missing: readonly (number | undefined)[] = [mysqlError.noSuchTable, mysqlError.unknownDatabase];

export function tableOf({ table }: MysqlBarrierOptions): string {
  return table ?? 'dtm_barrier.barrier';
}

/** As SQL: the engine quotes by backticks. */
export function tableNameOf(options: MysqlBarrierOptions): string {
  return quotedTableName(tableOf(options)).replaceAll('"', '`');
}

/** Has statements wait for locks only briefly, until `waitAsUsual`. */
export async function waitBriefly(connection: Connection, { checkLockTimeout }: MysqlBarrierOptions): Promise<void> {
  const seconds = Math.max(1, durationSeconds('checkLockTimeout', checkLockTimeout ?? '2s'));
  await connection.query(`set session innodb_lock_wait_timeout = ${seconds}`);
}

export async function waitAsUsual(connection: Connection): Promise<void> {
  await connection.query('set session innodb_lock_wait_timeout = @@global.innodb_lock_wait_timeout');
}

/** Works in the transaction that is open on the connection. */
export function mysqlSession<C extends Connection>(
  connection: C,
  options: MysqlBarrierOptions,
): MysqlBarrierSession<C> {
  const name = tableNameOf(options);
  const query = async <T extends ResultSetHeader | RowDataPacket[]>(sql: string, values: string[]): Promise<T> => {
    try {
      return (await connection.query<T>(sql, values))[0];
    } catch (error) {
      if (!missing.includes(mysqlErrorOf(error))) throw error;
      const told = `there is no table ${tableOf(options)}: call createBarrierTable once`;
      throw new InvalidUse('BARRIER_TABLE_MISSING', told, error);
    }
  };
  const reason = async (row: BarrierRow, locking: string): Promise<string | undefined> => {
    const where = 'where gid = ? and branch_id = ? and op = ? and barrier_id = ?';
    const [found] = await query<RowDataPacket[]>(`select reason from ${name} ${where} ${locking}`, keyOf(row));
    return (found as { readonly reason: string } | undefined)?.reason;
  };
  return {
    tx: connection,
    insert: async (row) => {
      // Not "insert ignore", which would also cut what is too long and say nothing.
      const columns = '(trans_type, gid, branch_id, op, barrier_id, reason, create_time, update_time)';
      const sql = `insert into ${name} ${columns} values (?, ?, ?, ?, ?, ?, now(), now())`;
      try {
        await query<ResultSetHeader>(sql, [row.transType, ...keyOf(row), row.reason]);
        return true;
      } catch (error) {
        if (mysqlErrorOf(error) === mysqlError.duplicateEntry) return false;
        throw error;
      }
    },
    // A locking read sees the row that was in the way, which may be younger than this transaction's snapshot.
    reasonOf: (row) => reason(row, 'lock in share mode'),
    committedReasonOf: (row) => reason(row, ''),
  };
}

function keyOf(row: BarrierRow): [string, string, string, string] {
  return [row.gid, row.branchId, row.op, row.barrierId];
}
