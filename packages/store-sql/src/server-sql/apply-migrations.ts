import { StoreError } from '@tandem/store';
import type { Migration } from '../migration.js';
import type { SqlSession } from './sql-session.js';

/** A step of a schema that several versions use at once during a rolling upgrade. */
export interface SharedMigration extends Migration {
  /**
   * The number of the newest schema that a node must know to go on working with this one. Lower than `number` where the step
   * only adds what older nodes need not know; a node that knows less is refused.
   */
  readonly worksFrom: number;
}

/**
 * Which migrations are to be applied, read from the table of those that were, whose rows are `(number, name, works_from,
 * applied_at)`. Rejects with `StoreError` `incompatible` where a newer version changed what this one relies on.
 */
export async function missingMigrations<Step extends Pick<SharedMigration, 'number' | 'worksFrom'>>(
  session: SqlSession,
  table: string,
  known: readonly Step[],
): Promise<readonly Step[]> {
  const { rows } = await session.query(`SELECT number, works_from FROM ${table}`);
  const applied = new Set(rows.map(([number]) => Number(number)));
  const newest = known.at(-1)?.number ?? 0;
  const needed = Math.max(0, ...rows.map(([, worksFrom]) => Number(worksFrom)));
  if (needed > newest) {
    throw new StoreError(
      'incompatible',
      `the store needs a version that knows schema ${needed}, this one knows up to ${newest}: it was written by a newer version`,
    );
  }
  return known.filter(({ number }) => !applied.has(number));
}

/** Notes that a migration was applied. */
export async function recordMigration(session: SqlSession, table: string, migration: SharedMigration): Promise<void> {
  const { number, name, worksFrom } = migration;
  await session.query(
    `INSERT INTO ${table} (number, name, works_from, applied_at) VALUES (?, ?, ?, CURRENT_TIMESTAMP)`,
    [number, name, worksFrom],
  );
}
