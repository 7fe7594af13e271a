import type { StoredRow, WriteItem } from '@tandem/store';
import { bodySlot } from './documents.js';
import { slotOf } from './row-slot.js';

/** Sizes in UTF-16 code units. */
export interface SpillLimits {
  /** A longer text always goes beside the document. */
  readonly textMax: number;
  /** Once a document has taken in so much, every text that is not tiny goes beside it. */
  readonly documentMax: number;
}

/** A text that stays in the document costs every later commit its copying; one beside it costs a round trip more. */
export const spillLimits: SpillLimits = { textMax: 64 << 10, documentMax: 1 << 20 };

/** As long as a reference. */
const tinyText = 128;

/** The texts of one item by slot, each in its place. */
export interface PlacedTexts {
  readonly inline: ReadonlyMap<string, string>;
  readonly spilled: ReadonlyMap<string, string>;
  readonly inlineSize: number;
  readonly spilledSize: number;
}

/** Decides which texts of an item go into its document, which has taken in `storedSize` so far. */
export function placeTexts(item: WriteItem, storedSize: number, limits: SpillLimits): PlacedTexts {
  const texts = textsOf(item);
  let size = storedSize;
  for (const text of texts.values()) if (text.length <= limits.textMax) size += text.length;
  const textMax = size > limits.documentMax ? Math.min(tinyText, limits.textMax) : limits.textMax;
  const inline = new Map<string, string>();
  const spilled = new Map<string, string>();
  for (const [slot, text] of texts) (text.length > textMax ? spilled : inline).set(slot, text);
  return { inline, spilled, inlineSize: sizeOf(inline), spilledSize: sizeOf(spilled) };
}

function textsOf(item: WriteItem): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  if (item.kind === 'create') texts.set(bodySlot, item.body);
  for (const row of item.rows) texts.set(slotOf(row), row.value);
  return texts;
}

function sizeOf(texts: ReadonlyMap<string, string>): number {
  let size = 0;
  for (const text of texts.values()) size += text.length;
  return size;
}

/** The size of everything that an item brings. */
export function itemSize(item: WriteItem): number {
  const body = item.kind === 'create' ? item.body.length : 0;
  return item.rows.reduce((size: number, row: StoredRow) => size + row.value.length, body + item.head.state.length);
}
