import type { KeyValue, KeyValuePage } from '@tandem/store';
import type { SqliteConnection, SqlRow, Statement } from './sqlite-connection.js';

const columns = 'category, key, value, version, created_at, updated_at';

/** Topics and other small things, each with a version. */
export class SqliteKeyValues {
  readonly #connection: SqliteConnection;
  readonly #get: Statement;
  readonly #insert: Statement;
  readonly #update: Statement;
  readonly #delete: Statement;
  readonly #scan: Statement;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
    this.#get = connection.prepare(
      `SELECT ${columns} FROM key_value WHERE category = ? AND key = ? AND is_deleted = 0`,
    );
    // A deleted key is there with its version: putting it again goes on counting.
    this.#insert = connection.prepare(`
      INSERT INTO key_value (category, key, value, version, is_deleted, created_at, updated_at)
      VALUES (?, ?, ?, 1, 0, ?, ?)
      ON CONFLICT (category, key) DO UPDATE SET value = excluded.value, version = version + 1, is_deleted = 0,
        created_at = excluded.created_at, updated_at = excluded.updated_at WHERE is_deleted = 1`);
    this.#update = connection.prepare(`
      UPDATE key_value SET value = ?, version = version + 1, updated_at = ?
      WHERE category = ? AND key = ? AND is_deleted = 0 AND version = ?`);
    this.#delete = connection.prepare(
      `UPDATE key_value SET value = '', is_deleted = 1 WHERE category = ? AND key = ? AND is_deleted = 0`,
    );
    this.#scan = connection.prepare(`
      SELECT ${columns} FROM key_value WHERE category = ? AND key > ? AND is_deleted = 0 ORDER BY key LIMIT ?`);
  }

  get(category: string, key: string): KeyValue | undefined {
    const row = this.#get.get(category, key);
    return row === undefined ? undefined : keyValueOf(row);
  }

  put(entry: Pick<KeyValue, 'category' | 'key' | 'value'>, expectedVersion: number, now: number): boolean {
    const { category, key, value } = entry;
    return this.#connection.transaction(() =>
      expectedVersion === 0
        ? this.#insert.run(category, key, value, now, now).changes > 0
        : this.#update.run(value, now, category, key, expectedVersion).changes > 0,
    );
  }

  delete(category: string, key: string): boolean {
    return this.#connection.transaction(() => this.#delete.run(category, key).changes > 0);
  }

  scan(category: string, cursor: string | undefined, limit: number): KeyValuePage {
    const rows = this.#scan.all(category, cursor ?? '', limit + 1);
    const items = rows.slice(0, limit).map(keyValueOf);
    return { items, nextCursor: rows.length > limit ? items.at(-1)?.key : undefined };
  }
}

function keyValueOf(row: SqlRow): KeyValue {
  return {
    category: String(row[0]),
    key: String(row[1]),
    value: String(row[2]),
    version: Number(row[3]),
    createdAt: Number(row[4]),
    updatedAt: Number(row[5]),
  };
}
