import { decodePosition, encodePosition, type PurgeResult } from '@tandem/store';
import type { SqliteConnection, Statement } from './sqlite-connection.js';

/** Most free pages that are given back to the file system after one batch. */
const releasedPages = 256;

/**
 * Deletes what finished long ago, oldest created first. New transactions fill the pages that this frees; where more than
 * a quarter of the file is free, some pages a batch go back to the file system.
 */
export class SqlitePurge {
  readonly #connection: SqliteConnection;
  readonly #oldest: Statement;
  readonly #deletes: readonly Statement[];

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
    this.#oldest = connection.prepare(`
      SELECT id, created_at, gid, finished_at FROM tx WHERE (created_at, gid) > (?, ?) AND created_at < ?
      ORDER BY created_at, gid LIMIT ?`);
    this.#deletes = [
      connection.prepare('DELETE FROM tx_row WHERE tx_id = ?'),
      connection.prepare('DELETE FROM tx_body WHERE tx_id = ?'),
      connection.prepare('DELETE FROM tx WHERE id = ?'),
    ];
  }

  purge(finishedBefore: number, cursor: string | undefined, limit: number): PurgeResult {
    const after = cursor === undefined ? undefined : decodePosition(cursor);
    // What finished before then was created before then.
    const seen = this.#oldest.all(after?.createdAt ?? -1, after?.gid ?? '', finishedBefore, limit);
    const old = seen.filter((row) => row[3] !== null && Number(row[3]) < finishedBefore);
    if (old.length > 0) {
      this.#connection.transaction(() => {
        for (const [id] of old) for (const statement of this.#deletes) statement.run(id ?? null);
      });
      this.#releaseSpace();
    }
    const last = seen.length < limit ? undefined : seen.at(-1);
    const nextCursor =
      last === undefined ? undefined : encodePosition({ createdAt: Number(last[1]), gid: String(last[2]) });
    return { purged: old.length, nextCursor };
  }

  #releaseSpace(): void {
    const free = Number(this.#connection.pragma('freelist_count'));
    const all = Number(this.#connection.pragma('page_count'));
    if (free > releasedPages && free * 4 > all) this.#connection.execute(`PRAGMA incremental_vacuum(${releasedPages})`);
  }
}
