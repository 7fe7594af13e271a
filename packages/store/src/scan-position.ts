import { TandemError } from '@tandem/protocol';
import type { StoredHead } from './store.js';

/** Where a listing by (createdAt, gid) stands. */
export type ScanPosition = Pick<StoredHead, 'createdAt' | 'gid'>;

/** A position as an opaque cursor. */
export function encodePosition(position: ScanPosition): string {
  return JSON.stringify([position.createdAt, position.gid]);
}

/** Reads a cursor. Throws `TandemError` INVALID_REQUEST for one that no listing gave. */
export function decodePosition(cursor: string): ScanPosition {
  const [createdAt, gid] = partsOf(cursor);
  if (typeof createdAt === 'number' && typeof gid === 'string') return { createdAt, gid };
  throw new TandemError('INVALID_REQUEST', 'the position is not one that a listing gave');
}

function partsOf(cursor: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(cursor);
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
