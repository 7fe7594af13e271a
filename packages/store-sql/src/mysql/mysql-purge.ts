import { decodePosition, type PurgeResult } from '@tandem/store';
import { isOld, oldestOf, purgeResult, type OldestRow } from '../purge-statements.js';
import type { SqlText } from '../scan-statements.js';
import { literal } from './mysql-literal.js';
import type { MysqlPool } from './mysql-pool.js';
import { mysqlScan } from './mysql-reads.js';
import { tables } from './mysql-tables.js';

/** Transactions that one statement deletes. */
const sliceMax = 256;

/** Deletes what finished long ago, oldest created first. Several nodes may do it at once. */
export class MysqlPurge {
  readonly #pool: MysqlPool;

  constructor(pool: MysqlPool) {
    this.#pool = pool;
  }

  async purge(finishedBefore: number, cursor: string | undefined, limit: number): Promise<PurgeResult> {
    const after: SqlText =
      cursor === undefined ? { sql: 'created_at >= 0', values: [] } : mysqlScan.position('>', decodePosition(cursor));
    const { rows } = await this.#pool.query(
      `SELECT created_at, gid, finished_at FROM ${tables.tx} WHERE ${after.sql} AND created_at < ?
       ORDER BY created_at, gid LIMIT ?`,
      [...after.values, finishedBefore, limit],
    );
    const seen = rows.map(oldestOf);
    const old = seen.filter((row) => isOld(row, finishedBefore));
    let purged = 0;
    for (let start = 0; start < old.length; start += sliceMax) {
      purged += await this.#delete(old.slice(start, start + sliceMax));
    }
    return purgeResult(purged, seen, limit);
  }

  /**
   * One round trip. What finished never changes, and what is created again has another time of creation, so keys are
   * enough. Heads go first: who deletes them holds them, in the order of their keys.
   */
  async #delete(old: readonly OldestRow[]): Promise<number> {
    const keys = old.map(({ createdAt, gid }) => `SELECT ${literal(createdAt)} AS created_at,${literal(gid)} AS gid`);
    const union = keys.join(' UNION ALL ');
    const [heads] = await this.#pool.inTransaction(
      [tables.tx, tables.txBody, tables.txRow].map(
        (table) => `DELETE o FROM (${union}) v STRAIGHT_JOIN ${table} o ON o.created_at=v.created_at AND o.gid=v.gid`,
      ),
    );
    return heads?.affected ?? 0;
  }
}
