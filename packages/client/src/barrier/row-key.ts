import type { BarrierRow } from '@tandem/protocol';

/** What a row is found by, in the order of the table's unique key. */
export function keyOf({ gid, branchId, op, barrierId }: BarrierRow): [string, string, string, string] {
  return [gid, branchId, op, barrierId];
}
