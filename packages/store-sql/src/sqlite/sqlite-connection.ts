/**
 * One connection to one SQLite file: opens it for this process alone, and turns the binding into typed calls. The only
 * file that knows the binding.
 */
import { DatabaseSync } from '@photostructure/sqlite';
import { StoreError } from '@tandem/store';
import { sqliteFault } from './sqlite-fault.js';

type Database = InstanceType<typeof DatabaseSync>;

export type SqlValue = string | number | null;
export type SqlRow = readonly SqlValue[];

/** A prepared statement; rows are arrays in the order of the columns asked for. */
export interface Statement {
  run(...values: SqlValue[]): { readonly changes: number; readonly lastInsertRowid: number };
  get(...values: SqlValue[]): SqlRow | undefined;
  all(...values: SqlValue[]): readonly SqlRow[];
}

export interface ConnectionOptions {
  readonly path: string;
  /** `full`: a commit is on the disk when it is answered. `normal`: the last ones may be lost with the power. */
  readonly synchronous: 'full' | 'normal';
  /** Most memory for pages of the file. */
  readonly cacheBytes: number;
  /** How large the write-ahead log grows before it is copied into the file. */
  readonly logBytes: number;
  /** Largest size of the file; beyond it the store is full until something is purged. Undefined: the disk's. */
  readonly fileBytesMax: number | undefined;
  /** How long to wait for another process to let go of the file. */
  readonly lockWaitMs: number;
}

const pageBytes = 4096;

/** See the file head. Methods throw the binding's errors; `sqliteFault` reads them. */
export class SqliteConnection {
  readonly #database: Database;
  readonly #begin: Statement;
  readonly #commit: Statement;

  /** Throws `StoreError` `locked` where another process has the file open. */
  constructor(options: ConnectionOptions) {
    this.#database = open(options);
    this.#begin = this.prepare('BEGIN IMMEDIATE');
    this.#commit = this.prepare('COMMIT');
  }

  prepare(sql: string): Statement {
    const statement = this.#database.prepare(sql);
    statement.setReturnArrays(true);
    return statement as unknown as Statement;
  }

  execute(sql: string): void {
    this.#database.exec(sql);
  }

  /** Runs `work` in one transaction: all of it is durable when this returns, none of it when it throws. */
  transaction<T>(work: () => T): T {
    this.#begin.run();
    try {
      const result = work();
      this.#commit.run();
      return result;
    } catch (error) {
      // A full disk makes SQLite roll back by itself.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  pragma(name: string): SqlValue | undefined {
    return this.prepare(`PRAGMA ${name}`).get()?.[0];
  }

  close(): void {
    this.#releaseLock();
    this.#database.close();
  }

  // The binding cannot finalise statements before they are collected, and SQLite keeps the file open as long as one
  // lives. Leaving exclusive mode lets go of the lock now; it takes leaving the log first.
  #releaseLock(): void {
    try {
      for (const sql of [
        'PRAGMA journal_mode = DELETE',
        'PRAGMA locking_mode = NORMAL',
        'SELECT 1 FROM sqlite_master',
      ]) {
        this.#database.exec(sql);
      }
    } catch {
      // A full or broken disk: nothing is lost by it, and the lock ends with the process at the latest.
    }
  }
}

function open(options: ConnectionOptions): Database {
  let database: Database | undefined;
  try {
    database = new DatabaseSync(options.path, { timeout: options.lockWaitMs });
    // With exclusive locking the log's index lives in this process's memory, and the lock is the kernel's: it ends with
    // the process, however that ends.
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    database.exec('PRAGMA auto_vacuum = INCREMENTAL');
    database.exec('PRAGMA journal_mode = WAL');
    database.exec(`PRAGMA synchronous = ${options.synchronous === 'full' ? 'FULL' : 'NORMAL'}`);
    database.exec(`PRAGMA cache_size = -${Math.ceil(options.cacheBytes / 1024)}`);
    database.exec(`PRAGMA wal_autocheckpoint = ${Math.ceil(options.logBytes / pageBytes)}`);
    database.exec(`PRAGMA journal_size_limit = ${options.logBytes * 4}`);
    if (options.fileBytesMax !== undefined) {
      database.exec(`PRAGMA max_page_count = ${Math.ceil(options.fileBytesMax / pageBytes)}`);
    }
    database.exec('PRAGMA mmap_size = 0');
    database.exec('PRAGMA temp_store = MEMORY');
    database.exec('BEGIN EXCLUSIVE; COMMIT');
    return database;
  } catch (error) {
    database?.close();
    const fault = sqliteFault(error);
    if (!isBusy(error)) throw fault;
    throw new StoreError('locked', `another process has ${options.path} open`, { cause: error });
  }
}

function isBusy(error: unknown): boolean {
  const code = (error as { readonly errcode?: unknown }).errcode;
  return typeof code === 'number' && [5, 6].includes(code & 0xff);
}
