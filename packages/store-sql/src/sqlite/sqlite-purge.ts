import { decodePosition, type PurgeResult } from '@tandem/store';
import { isOld, oldestOf, purgeResult } from '../purge-statements.js';
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
      SELECT created_at, gid, finished_at, id FROM tx WHERE (created_at, gid) > (?, ?) AND created_at < ?
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
    const found = this.#oldest.all(after?.createdAt ?? -1, after?.gid ?? '', finishedBefore, limit);
    const old = found.filter((row) => isOld(oldestOf(row), finishedBefore));
    if (old.length > 0) {
      this.#connection.transaction(() => {
        for (const row of old) for (const statement of this.#deletes) statement.run(row[3] ?? null);
      });
      this.#releaseSpace();
    }
    return purgeResult(old.length, found.map(oldestOf), limit);
  }

  #releaseSpace(): void {
    const free = Number(this.#connection.pragma('freelist_count'));
    const all = Number(this.#connection.pragma('page_count'));
    if (free > releasedPages && free * 4 > all) this.#connection.execute(`PRAGMA incremental_vacuum(${releasedPages})`);
  }
}
