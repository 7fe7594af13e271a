import type { KeyValue, KeyValuePage } from '@tandem/store';

/** Where they are. The column of the key has its own name where `key` is a reserved word. */
export interface KeyValueTable {
  readonly table: string;
  readonly key: string;
}

/** Statements on a table of key-values. A deleted key is there with its version: putting it again goes on counting. */
export function keyValueStatements({ table, key }: KeyValueTable) {
  const columns = `category, ${key}, value, version, created_at, updated_at`;
  return {
    get: `SELECT ${columns} FROM ${table} WHERE category = ? AND ${key} = ? AND is_deleted = 0`,
    update: `UPDATE ${table} SET value = ?, version = version + 1, updated_at = ?
      WHERE category = ? AND ${key} = ? AND is_deleted = 0 AND version = ?`,
    delete: `UPDATE ${table} SET value = '', is_deleted = 1 WHERE category = ? AND ${key} = ? AND is_deleted = 0`,
    scan: `SELECT ${columns} FROM ${table} WHERE category = ? AND ${key} > ? AND is_deleted = 0
      ORDER BY ${key} LIMIT ?`,
  } as const;
}

/** A put of version 0, where the engine has ON CONFLICT. */
export function keyValueInsert({ table, key }: KeyValueTable): string {
  return `INSERT INTO ${table} AS stored (category, ${key}, value, version, is_deleted, created_at, updated_at)
    VALUES (?, ?, ?, 1, 0, ?, ?)
    ON CONFLICT (category, ${key}) DO UPDATE SET value = excluded.value, version = stored.version + 1, is_deleted = 0,
      created_at = excluded.created_at, updated_at = excluded.updated_at WHERE stored.is_deleted = 1`;
}

export function keyValueOf(row: readonly unknown[]): KeyValue {
  return {
    category: row[0] as string,
    key: row[1] as string,
    value: row[2] as string,
    version: Number(row[3]),
    createdAt: Number(row[4]),
    updatedAt: Number(row[5]),
  };
}

/** A page of rows, of which one more than `limit` was asked for. */
export function keyValuePageOf(rows: readonly (readonly unknown[])[], limit: number): KeyValuePage {
  const items = rows.slice(0, limit).map(keyValueOf);
  return { items, nextCursor: rows.length > limit ? items.at(-1)?.key : undefined };
}
