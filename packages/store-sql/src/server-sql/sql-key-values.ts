import type { KeyValue, KeyValuePage } from '@tandem/store';
import { keyValueOf, keyValuePageOf, keyValueStatements, type KeyValueTable } from '../key-value-statements.js';
import type { SqlSession } from './sql-session.js';

/** Topics and other small things, each with a version. */
export class SqlKeyValues {
  readonly #pool: SqlSession;
  readonly #sql: ReturnType<typeof keyValueStatements>;
  readonly #insert: string;

  /** `insert` takes category, key, value, now and now, and revives what was deleted with its version one higher. */
  constructor(pool: SqlSession, table: KeyValueTable, insert: string) {
    this.#pool = pool;
    this.#sql = keyValueStatements(table);
    this.#insert = insert;
  }

  async get(category: string, key: string): Promise<KeyValue | undefined> {
    const [row] = (await this.#pool.query(this.#sql.get, [category, key])).rows;
    return row === undefined ? undefined : keyValueOf(row);
  }

  async put(
    { category, key, value }: Pick<KeyValue, 'category' | 'key' | 'value'>,
    expectedVersion: number,
    now: number,
  ): Promise<boolean> {
    const { affected } =
      expectedVersion === 0
        ? await this.#pool.query(this.#insert, [category, key, value, now, now])
        : await this.#pool.query(this.#sql.update, [value, now, category, key, expectedVersion]);
    return affected > 0;
  }

  async delete(category: string, key: string): Promise<boolean> {
    return (await this.#pool.query(this.#sql.delete, [category, key])).affected > 0;
  }

  async scan(category: string, cursor: string | undefined, limit: number): Promise<KeyValuePage> {
    const { rows } = await this.#pool.query(this.#sql.scan, [category, cursor ?? '', limit + 1]);
    return keyValuePageOf(rows, limit);
  }
}
