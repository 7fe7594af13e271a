import type { StoredHead } from '@tandem/store';

/** Where a listing by (createdAt, gid) stands. */
export type ScanPosition = Pick<StoredHead, 'createdAt' | 'gid'>;

/** A position as an opaque cursor. */
export function encodePosition(position: ScanPosition): string {
  return JSON.stringify([position.createdAt, position.gid]);
}

/** Reads a cursor; one that is not ours stands before everything. */
export function decodePosition(cursor: string): ScanPosition | undefined {
  try {
    const parts = JSON.parse(cursor) as unknown;
    if (!Array.isArray(parts)) return undefined;
    const [createdAt, gid] = parts as unknown[];
    return typeof createdAt === 'number' && typeof gid === 'string' ? { createdAt, gid } : undefined;
  } catch {
    return undefined;
  }
}
