import { StoreError } from '@tandem/store';
import pg from 'pg';
import { codeOfCause } from './code-of-cause.js';
import type { DtmTables } from './dtm-tables.js';
import { readDtmTables, type Row } from './read-dtm-tables.js';

/**
 * DTM's tables on PostgreSQL. `url` is `postgres://user:password@host:port/database`; `?schema=NAME` names their schema (default:
 * `public`, as DTM's).
 */
export async function openPostgresDtm(url: string): Promise<DtmTables> {
  const parsed = new URL(url);
  const schema = parsed.searchParams.get('schema') ?? 'public';
  parsed.searchParams.delete('schema');
  const client = new pg.Client({ connectionString: parsed.href });
  // An idle connection that is cut would end the process; the next query tells the same.
  client.on('error', () => undefined);
  await guarded(() => client.connect());
  await guarded(() => client.query(`set search_path to ${client.escapeIdentifier(schema)}`));
  return readDtmTables({
    async rows(sql, parameters) {
      const { rows } = await guarded(() => client.query<Row>(numbered(sql), [...parameters]));
      return rows;
    },
    timeOf: (value) => (value instanceof Date ? value.getTime() : undefined),
    isMissingTable: (error) => codeOfCause(error) === '42P01',
    close: () => client.end(),
  });
}

/** `?` as PostgreSQL has it, and a list as an array. */
function numbered(sql: string): string {
  let count = 0;
  return sql.replaceAll('in (?)', '= any(?)').replaceAll('?', () => `$${String(++count)}`);
}

async function guarded<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new StoreError('unavailable', `PostgreSQL: ${message}`, { cause: error });
  }
}
