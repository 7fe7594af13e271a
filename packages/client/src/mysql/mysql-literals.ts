/**
 * Values written into the statement, as literals that mean the same whatever a session is set to. Drivers that write values in
 * themselves (mysql2, and so Knex, Kysely, TypeORM, Drizzle and MikroORM) escape by backslashes: under NO_BACKSLASH_ESCAPES a quote in a
 * gid, which comes from outside, would end its text, and what follows would be SQL.
 */
import type { SqlQuery } from '../sql/sql-adapter.js';

/** Nothing that ends a text, escapes in it, or stands for a value in any library: no quote, backslash, `?` or `$`. */
const plain = /^[\w\-.,:;/+=@&%#!*()[\]{}<>|~^" ]*$/;

/** `query`, with nothing left to its driver to escape. */
export function literally(query: SqlQuery): SqlQuery {
  return (sql, values) => {
    let at = 0;
    // Every value is needed: `?` stands for nothing else in these statements.
    return query(
      sql.replaceAll('?', () => mysqlLiteral(values[at++] ?? '')),
      [],
    );
  };
}

/** A text, of whatever characters. */
export function mysqlLiteral(text: string): string {
  if (plain.test(text)) return `'${text}'`;
  return `_utf8mb4 x'${Buffer.from(text).toString('hex')}'`;
}
