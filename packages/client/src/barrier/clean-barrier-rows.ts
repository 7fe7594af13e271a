import { durationSeconds, type Duration } from '../duration.js';
import { InvalidUse } from '../errors.js';
import type { BarrierDatabase } from './barrier-database.js';

/** Which rows go, and how many at once. */
export interface CleanOptions {
  /**
   * The age from which rows go. Longer than any transaction is retried, and than a message may wait for its back-check: a call that
   * comes after its row has gone is done again.
   */
  readonly olderThan: Duration;
  /** Rows that one transaction deletes at most, so that none is long. Default 1,000. */
  readonly batchRows?: number;
}

/** Deletes old rows of the barrier table, and answers how many. Rows without a time, as DTM's script may make them, stay. */
export async function cleanBarrierRows(
  db: BarrierDatabase<unknown>,
  { olderThan, batchRows: rowsMax = 1_000 }: CleanOptions,
): Promise<number> {
  if (!Number.isSafeInteger(rowsMax) || rowsMax < 1) {
    throw new InvalidUse('INVALID_OPTION', `batchRows must be a whole number above 0, not ${String(rowsMax)}`);
  }
  const seconds = durationSeconds('olderThan', olderThan);
  let total = 0;
  for (;;) {
    const deleted = await db.transaction((session) => session.deleteOld({ seconds, rowsMax }));
    total += deleted;
    if (deleted < rowsMax) return total;
  }
}
