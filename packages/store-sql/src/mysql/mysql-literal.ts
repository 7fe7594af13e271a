/**
 * Values as SQL text. Statements go as text because many of them, in one packet, are one round trip; the engine can prepare
 * only one at a time.
 *
 * Every session has the mode NO_BACKSLASH_ESCAPES and speaks utf8mb4 (`MysqlConnection` sets and checks both), so that
 * the quote is the only character of a text that means anything.
 */
import { RefusedError } from './refused-error.js';

export function literal(value: string | number | null | undefined): string {
  if (typeof value === 'string') return value.includes("'") ? `'${value.replaceAll("'", "''")}'` : `'${value}'`;
  if (typeof value === 'number') return wholeNumber(value);
  return 'NULL';
}

/** The engine would round a fraction without a word. */
function wholeNumber(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RefusedError(`${String(value)} is not a whole number`);
  return String(value);
}

/** `('a', 'b')` */
export function literalList(values: readonly (string | number | undefined)[]): string {
  return `(${values.map(literal).join(',')})`;
}

/** Puts a literal in the place of each `?`. The SQL is ours: it has none elsewhere. */
export function withLiterals(sql: string, values: readonly (string | number | null)[]): string {
  if (values.length === 0) return sql;
  let at = 0;
  return sql.replaceAll('?', () => literal(values[at++]));
}
