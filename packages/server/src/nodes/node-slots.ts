/**
 * Where nodes keep their signs of life: key-values `node-1`, `node-2`, ... of one category. A slot is used again once its node
 * is gone for long, so that their number follows that of the nodes, not that of their starts.
 */
import { limits } from '@tandem/protocol';
import type { KeyValuePage } from '@tandem/store';
import { decodeNode, isAlive, type NodeFacts, type NodeRecord, type NodeView } from './node-record.js';

export const nodeCategory = 'nodes';

/** Beyond so many slots the one that was left first is used again, however short ago. */
const slotsMax = 256;
const keyPattern = /^node-([1-9]\d*)$/;

export interface Slot {
  readonly number: number;
  /** 0: it was never used. */
  readonly version: number;
  /** Undefined: nobody's, or unreadable. */
  readonly record: NodeRecord | undefined;
}

/** What slots are read with: a store, or the coordinator on it. */
export interface KeyValueScan {
  scanKeyValues(category: string, cursor: string | undefined, limit: number): Promise<KeyValuePage>;
}

export function keyOfSlot(number: number): string {
  return `node-${String(number)}`;
}

export async function readSlots(store: KeyValueScan): Promise<readonly Slot[]> {
  const slots: Slot[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.scanKeyValues(nodeCategory, cursor, limits.pageMax);
    for (const { key, version, value } of page.items) {
      const number = Number(keyPattern.exec(key)?.[1]);
      if (Number.isSafeInteger(number)) slots.push({ number, version, record: decodeNode(value) });
    }
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return slots.sort((left, right) => left.number - right.number);
}

export interface SlotChoice {
  readonly now: number;
  readonly goneMs: number;
  /** It knows that its predecessor has ended, however fresh its sign of life is. */
  readonly starts: boolean;
  /** How many of the free ones are left to others who look at the same time. */
  readonly skip: number;
}

/**
 * The slot for a node: its own, where the answer to its first sign of life was lost, its predecessor's in the same place, one
 * whose node is gone for long, or a new one.
 */
export function slotFor(slots: readonly Slot[], node: NodeFacts, { now, goneMs, starts, skip }: SlotChoice): Slot {
  const own = slots.find(({ record }) => record?.id === node.id);
  if (own !== undefined) return own;
  const free = slots.filter(({ record }) => record === undefined || !isAlive(record, now));
  const inPlace = (starts ? slots : free).find(({ record }) => record !== undefined && isPredecessor(record, node));
  if (inPlace !== undefined) return inPlace;
  const forgotten = free.filter(({ record }) => record === undefined || now - record.seenAt > goneMs);
  const known = forgotten[skip];
  if (known !== undefined) return known;
  const [oldest] = [...free].sort((left, right) => (left.record?.seenAt ?? 0) - (right.record?.seenAt ?? 0));
  if (oldest !== undefined && slots.length >= slotsMax) return oldest;
  const taken = new Set(slots.map(({ number }) => number));
  let left = skip - forgotten.length;
  let number = 1;
  while (taken.has(number) || left > 0) {
    if (!taken.has(number)) left -= 1;
    number += 1;
  }
  return { number, version: 0, record: undefined };
}

/** Nodes that live, and those that are gone since less than `goneMs`. */
export async function listNodes(store: KeyValueScan, now: number, goneMs: number): Promise<readonly NodeView[]> {
  const views: NodeView[] = [];
  for (const { record } of await readSlots(store)) {
    if (record === undefined) continue;
    const view = { ...record, isAlive: isAlive(record, now) };
    if (view.isAlive || now - record.seenAt <= goneMs) views.push(view);
  }
  return views;
}

/** Two processes cannot listen on one address of one machine: whoever had it before is gone, unless machines share a name. */
function isPredecessor(record: NodeRecord, { id, host, http, worker }: NodeFacts): boolean {
  return record.id !== id && record.host === host && record.http === http && record.worker === worker;
}
