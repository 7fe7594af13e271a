import { decodePosition, type PurgeResult } from '@tandem/store';
import { isOld, oldestOf, purgeResult } from '../purge-statements.js';
import { rowPosition, type SqlText } from '../scan-statements.js';
import { inList, listMax, slicesOf, type SqlPool, type TableNames } from '../server-sql/sql-session.js';

/** Deletes what finished long ago, oldest created first. Several nodes may do it at once. */
export class PostgresPurge {
  readonly #pool: SqlPool;
  readonly #tables: TableNames;

  constructor(pool: SqlPool, tables: TableNames) {
    this.#pool = pool;
    this.#tables = tables;
  }

  async purge(finishedBefore: number, cursor: string | undefined, limit: number): Promise<PurgeResult> {
    const { rows } = await this.#pool.query(...this.#oldest(finishedBefore, cursor, limit));
    const seen = rows.map(oldestOf);
    const old = seen.filter((row) => isOld(row, finishedBefore)).map((row) => row.gid);
    let purged = 0;
    for (const slice of slicesOf(old, listMax)) purged += await this.#delete(slice, finishedBefore);
    return purgeResult(purged, seen, limit);
  }

  #oldest(finishedBefore: number, cursor: string | undefined, limit: number): [string, SqlText['values']] {
    const after: SqlText =
      cursor === undefined ? { sql: 'created_at >= 0', values: [] } : rowPosition('>', decodePosition(cursor));
    const sql = `SELECT created_at, gid, finished_at FROM ${this.#tables.tx}
      WHERE ${after.sql} AND created_at < ? ORDER BY created_at, gid LIMIT ?`;
    return [sql, [...after.values, finishedBefore, limit]];
  }

  /**
   * Another node may have purged one of them since, and somebody may have created it again: so they are looked at once
   * more, and held, in the order in which every writer locks.
   */
  #delete(gids: readonly string[], finishedBefore: number): Promise<number> {
    const { tx, txRow } = this.#tables;
    const list = inList(gids);
    return this.#pool.transaction(async (session) => {
      const held = await session.query(
        `SELECT gid FROM ${tx} WHERE gid IN ${list.sql} AND finished_at < ? ORDER BY gid FOR UPDATE`,
        [...list.values, finishedBefore],
      );
      if (held.rows.length === 0) return 0;
      const old = inList(held.rows.map(([gid]) => gid as string));
      await session.query(`DELETE FROM ${txRow} WHERE gid IN ${old.sql}`, old.values);
      return (await session.query(`DELETE FROM ${tx} WHERE gid IN ${old.sql}`, old.values)).affected;
    });
  }
}
