/**
 * The verbs of the store on one SQLite file, synchronously. It owns the connection and every prepared statement; it does
 * not know on which thread it runs.
 *
 * Q1. One process has the file: what it does not do itself does not happen.
 * Q2. A verb returns after what it wrote is on the disk (synchronous=FULL).
 * Q3. Every verb throws `StoreError` on a fault, and leaves no transaction open.
 */
import type {
  Backlog,
  ClaimRequest,
  ClaimResult,
  KeyValue,
  KeyValuePage,
  LoadDepth,
  PurgeResult,
  ScanFilter,
  ScanPage,
  StoredTransaction,
  WakeFilter,
  WriteItem,
  WriteResult,
} from '@tandem/store';
import { pendingMigrations } from '../migration.js';
import { SqliteClaims } from './sqlite-claims.js';
import { SqliteConnection, type ConnectionOptions, type Statement } from './sqlite-connection.js';
import { sqliteFault } from './sqlite-fault.js';
import { SqliteKeyValues } from './sqlite-key-values.js';
import { sqliteMigrations } from './sqlite-migrations.js';
import { SqlitePurge } from './sqlite-purge.js';
import { SqliteReads } from './sqlite-reads.js';
import { SqliteWrites } from './sqlite-writes.js';

/** What a ping writes after a fault: as much as a batch of usual size. */
const probeBytes = 256 << 10;

export interface EngineOptions extends ConnectionOptions {
  /** Largest item; a larger one is refused for good. */
  readonly itemBytesMax: number;
}

/** See the file head. */
export class SqliteEngine {
  readonly #connection: SqliteConnection;
  readonly #writes: SqliteWrites;
  readonly #reads: SqliteReads;
  readonly #claims: SqliteClaims;
  readonly #keyValues: SqliteKeyValues;
  readonly #purge: SqlitePurge;
  readonly #heartbeat: Statement;
  #hasFailed = false;

  /** Opens the file, brings its schema up to date and voids every lease in it. */
  constructor(options: EngineOptions) {
    const connection = new SqliteConnection(options);
    this.#connection = connection;
    try {
      migrate(connection);
      this.#writes = new SqliteWrites(connection, options.itemBytesMax);
      this.#reads = new SqliteReads(connection);
      this.#claims = new SqliteClaims(connection);
      this.#keyValues = new SqliteKeyValues(connection);
      this.#purge = new SqlitePurge(connection);
      this.#heartbeat = connection.prepare(
        'UPDATE heartbeat SET beats = beats + 1, filling = zeroblob(?) WHERE id = 1',
      );
      this.#claims.voidLeases();
    } catch (error) {
      connection.close();
      throw sqliteFault(error);
    }
  }

  write(items: readonly WriteItem[]): readonly WriteResult[] {
    this.#hasFailed = true;
    const results = guarded(() => this.#writes.write(items));
    this.#hasFailed = false;
    return results;
  }

  load(gids: readonly string[], depth: LoadDepth): readonly (StoredTransaction | undefined)[] {
    return guarded(() => gids.map((gid) => this.#reads.load(gid, depth)));
  }

  claimDue(request: ClaimRequest): ClaimResult {
    return guarded(() => {
      const gids = this.#claims.take(request);
      const claimed = gids.map((gid) => this.#reads.load(gid, 'all')).filter((one) => one !== undefined);
      return { claimed, nextAt: this.#claims.nextAt(request.types) };
    });
  }

  scan(filter: ScanFilter, cursor: string | undefined, limit: number): ScanPage {
    return guarded(() => this.#reads.scan(filter, cursor, limit));
  }

  wake(filter: WakeFilter, now: number, limit: number): number {
    return guarded(() => this.#claims.wake(filter, now, limit));
  }

  purge(finishedBefore: number, cursor: string | undefined, limit: number): PurgeResult {
    return guarded(() => this.#purge.purge(finishedBefore, cursor, limit));
  }

  getKeyValue(category: string, key: string): KeyValue | undefined {
    return guarded(() => this.#keyValues.get(category, key));
  }

  putKeyValue(category: string, key: string, value: string, expectedVersion: number, now: number): boolean {
    return guarded(() => this.#keyValues.put({ category, key, value }, expectedVersion, now));
  }

  deleteKeyValue(category: string, key: string): boolean {
    return guarded(() => this.#keyValues.delete(category, key));
  }

  scanKeyValues(category: string, cursor: string | undefined, limit: number): KeyValuePage {
    return guarded(() => this.#keyValues.scan(category, cursor, limit));
  }

  backlog(now: number): Backlog {
    return guarded(() => this.#claims.backlog(now));
  }

  /**
   * Writes and syncs one row, so that a full or broken disk is noticed. After a fault it writes more than a row: a disk
   * that is full for a batch may have room for a page.
   */
  ping(): void {
    guarded(() => {
      this.#beat(this.#hasFailed ? probeBytes : 0);
      if (this.#hasFailed) this.#beat(0);
      this.#hasFailed = false;
    });
  }

  close(): void {
    guarded(() => this.#connection.close());
  }

  #beat(fillingBytes: number): void {
    this.#connection.transaction(() => this.#heartbeat.run(fillingBytes));
  }
}

function migrate(connection: SqliteConnection): void {
  connection.transaction(() => {
    connection.execute(
      'CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL)',
    );
    const current = Number(connection.prepare('SELECT max(number) FROM migration').get()?.[0] ?? 0);
    const record = connection.prepare(`INSERT INTO migration VALUES (?, ?, datetime('now'))`);
    for (const migration of pendingMigrations(sqliteMigrations, current)) {
      connection.execute(migration.sql);
      record.run(migration.number, migration.name);
    }
  });
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw sqliteFault(error);
  }
}
