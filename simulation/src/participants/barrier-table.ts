import type { BarrierRow } from '@tandem/protocol';

/** The barrier table of one participant's database, unique by its key. */
export class BarrierTable {
  readonly #reasons = new Map<string, string>();

  /** How many rows were added: 0 or 1. */
  insertIgnore(row: BarrierRow | undefined): number {
    if (row === undefined) return 0;
    const key = keyOf(row);
    if (this.#reasons.has(key)) return 0;
    this.#reasons.set(key, row.reason);
    return 1;
  }

  /** Takes back what a transaction that rolls back has inserted. */
  remove(row: BarrierRow): void {
    this.#reasons.delete(keyOf(row));
  }

  reasonOf(row: Pick<BarrierRow, 'gid' | 'branchId' | 'op' | 'barrierId'>): string | undefined {
    return this.#reasons.get(keyOf(row));
  }
}

function keyOf({ gid, branchId, op, barrierId }: Pick<BarrierRow, 'gid' | 'branchId' | 'op' | 'barrierId'>): string {
  return `${gid} ${branchId} ${op} ${barrierId}`;
}
