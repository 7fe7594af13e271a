import { StoreError } from '@tandem/store';

/** One step of a schema. Numbers go up by one from 1; what has been released is never changed. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

/** Which migrations an engine at `current` still needs. Throws `StoreError` `incompatible` where it is ahead of us. */
export function pendingMigrations(known: readonly Migration[], current: number): readonly Migration[] {
  const newest = known.at(-1)?.number ?? 0;
  if (current > newest) {
    throw new StoreError(
      'incompatible',
      `the store has schema ${current}, this version knows up to ${newest}: it was written by a newer version`,
    );
  }
  return known.filter((migration) => migration.number > current);
}
