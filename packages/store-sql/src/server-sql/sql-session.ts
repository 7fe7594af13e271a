/** What the SQL stores with a server ask of a driver. Rows are arrays in the order of the columns asked for. */
import type { SqlText } from '../scan-statements.js';

export type SqlValue = string | number | null;
export type SqlRow = readonly unknown[];

export interface SqlResult {
  readonly rows: readonly SqlRow[];
  /** Rows that a statement inserted, changed or deleted. */
  readonly affected: number;
}

/** Statements one after the other. SQL has one `?` for each value. Rejects with the driver's errors. */
export interface SqlSession {
  query(sql: string, values?: readonly SqlValue[]): Promise<SqlResult>;
}

/** Connections, of which each call takes one: a call outside `transaction` is a transaction of its own. */
export interface SqlPool extends SqlSession {
  /** Runs `work` in one read-committed transaction on one connection; rolled back where it rejects. */
  transaction<T>(work: (session: SqlSession) => Promise<T>): Promise<T>;
  /** Waits for what is under way. */
  close(): Promise<void>;
}

/** The tables as statements name them: with their schema, or quoted as the engine wants it. */
export interface TableNames {
  readonly tx: string;
  readonly txRow: string;
  readonly keyValue: string;
  readonly heartbeat: string;
  readonly migration: string;
}

const listSizes = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/** Lists of at most so many go into one statement. */
export const listMax = 1024;

/** `(?, ?, ...)` for 1 to `listMax` values. Lists are filled up to few lengths, so that prepared statements are few. */
export function inList(values: readonly (string | number)[]): SqlText {
  const size = listSizes.find((one) => one >= values.length) ?? listMax;
  const last = values.at(-1) ?? '';
  const filled = [...values, ...Array.from({ length: size - values.length }, () => last)];
  return { sql: `(${filled.map(() => '?').join(', ')})`, values: filled };
}

/** Slices of at most `size`. */
export function slicesOf<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  const slices: T[][] = [];
  for (let start = 0; start < all.length; start += size) slices.push(all.slice(start, start + size));
  return slices;
}
