import type { KeyValue, KeyValuePage } from '@tandem/store';
import {
  keyValueInsert,
  keyValueOf,
  keyValuePageOf,
  keyValueStatements,
  type KeyValueTable,
} from '../key-value-statements.js';
import type { SqliteConnection, Statement } from './sqlite-connection.js';

const table: KeyValueTable = { table: 'key_value', key: 'key' };

/** Topics and other small things, each with a version. */
export class SqliteKeyValues {
  readonly #connection: SqliteConnection;
  readonly #get: Statement;
  readonly #insert: Statement;
  readonly #update: Statement;
  readonly #delete: Statement;
  readonly #scan: Statement;

  constructor(connection: SqliteConnection) {
    const sql = keyValueStatements(table);
    this.#connection = connection;
    this.#get = connection.prepare(sql.get);
    this.#insert = connection.prepare(keyValueInsert(table));
    this.#update = connection.prepare(sql.update);
    this.#delete = connection.prepare(sql.delete);
    this.#scan = connection.prepare(sql.scan);
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
    return keyValuePageOf(this.#scan.all(category, cursor ?? '', limit + 1), limit);
  }
}
