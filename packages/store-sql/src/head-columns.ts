import type { StoredHead } from '@tandem/store';

/** The columns of a head in the order that `headOfRow` reads them. */
export const headColumns = [
  'gid',
  'type',
  'status',
  'is_paused',
  'due_at',
  'waits_for',
  'lease_owner',
  'lease_until',
  'epoch',
  'version',
  'created_at',
  'updated_at',
  'finished_at',
  'state',
].join(', ');

/** Reads a row of `headColumns`, from `offset` on. */
export function headOfRow(row: readonly unknown[], offset = 0): StoredHead {
  const text = (index: number): string => row[offset + index] as string;
  const number = (index: number): number => Number(row[offset + index]);
  const time = (index: number): number | undefined => (row[offset + index] === null ? undefined : number(index));
  return {
    gid: text(0),
    type: text(1),
    status: text(2),
    isPaused: number(3) === 1,
    dueAt: time(4),
    waitsFor: text(5),
    leaseOwner: text(6),
    leaseUntil: number(7),
    epoch: number(8),
    version: number(9),
    createdAt: number(10),
    updatedAt: number(11),
    finishedAt: time(12),
    state: text(13),
  };
}
