import type { StoredRow } from '@tandem/store';

type RowKey = Pick<StoredRow, 'branchId' | 'op'>;

/** The name of a row's field: letters, digits and a few marks, since dots and dollars mean something in a path. */
export function slotOf({ branchId, op }: RowKey): string {
  return `${escaped(branchId)}:${escaped(op)}`;
}

export function rowKeyOf(slot: string): RowKey {
  const [branchId = '', op = ''] = slot.split(':');
  return { branchId: decodeURIComponent(branchId), op: decodeURIComponent(op) };
}

function escaped(text: string): string {
  return encodeURIComponent(text).replaceAll('.', '%2E');
}
