import { encodePosition, type PurgeResult } from '@tandem/store';

/** Those created first, after a position and before a time: what finished before then was created before then. */
export interface OldestRow {
  readonly createdAt: number;
  readonly gid: string;
  readonly finishedAt: number | undefined;
}

/** Reads a row of `created_at, gid, finished_at`. */
export function oldestOf(row: readonly unknown[]): OldestRow {
  return {
    createdAt: Number(row[0]),
    gid: row[1] as string,
    finishedAt: row[2] === null ? undefined : Number(row[2]),
  };
}

export function isOld({ finishedAt }: OldestRow, finishedBefore: number): boolean {
  return finishedAt !== undefined && finishedAt < finishedBefore;
}

/** `seen` are those that were looked at, at most `limit`; fewer are the end of the sweep. */
export function purgeResult(purged: number, seen: readonly OldestRow[], limit: number): PurgeResult {
  const last = seen.length < limit ? undefined : seen.at(-1);
  return { purged, nextCursor: last === undefined ? undefined : encodePosition(last) };
}
