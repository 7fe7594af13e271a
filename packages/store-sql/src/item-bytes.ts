import type { WriteItem } from '@tandem/store';

/** Larger ones are refused for good, whatever the engine would take. */
export const itemBytesMaxDefault = 64 << 20;

/** About how much an item writes, by the length of its texts. */
export function bytesOf(item: WriteItem): number {
  let bytes = item.head.state.length;
  if (item.kind === 'create') bytes += item.body.length;
  for (const row of item.rows) bytes += row.value.length;
  return bytes;
}
