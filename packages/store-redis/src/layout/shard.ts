/**
 * Shards: where a transaction's keys lie. The number of shards is fixed when a store is created.
 *
 * L1. All keys of a shard hold its hash tag, so that they are in one slot of a Redis Cluster, and one script may use them.
 * L2. The shards' slots are spread evenly over all slots, so that masters with as many slots each get as many shards.
 * L3. A gid's shard follows from its bytes and the number of shards alone.
 */
import { crc32 } from 'node:zlib';
import { slotCount, slotOfTag } from './key-slot.js';

/** The lists by creation time: each transaction is in exactly one. The numbers are stored. */
export const places = { open: '1', paused: '2', done: '3', donePaused: '4' } as const;

export type Place = (typeof places)[keyof typeof places];

/** One shard and the names of its keys. */
export interface Shard {
  readonly index: number;
  readonly slot: number;
  /** What all its keys begin with: the hash tag. */
  readonly base: string;
  /** A transaction's key is this and the gid. */
  readonly transaction: string;
  /** The list of each place, a sorted set of gids by creation time. */
  readonly lists: Readonly<Record<Place, string>>;
  /** A queue's key is this and the type as a word: a sorted set of gids by when they can be claimed. */
  readonly queue: string;
  /** Who waits for a target: a sorted set of words (target, due time, gid), ordered as bytes. */
  readonly waiting: string;
  /** The set of all types that were ever created. */
  readonly types: string;
  /** Written where a script has to write something. */
  readonly beat: string;
}

/** The shards of a store. `prefix` begins every hash tag. */
export function shardsOf(prefix: string, count: number): readonly Shard[] {
  return Array.from({ length: count }, (_, index) => shardAt(prefix, index, count));
}

/** Which of `count` shards has the gid. */
export function shardIndexOf(gid: string, count: number): number {
  return count === 1 ? 0 : crc32(gid) % count;
}

function shardAt(prefix: string, index: number, count: number): Shard {
  const tag = tagWithin(`${prefix}:${index}`, index * (slotCount / count), (index + 1) * (slotCount / count));
  const base = `{${tag}}`;
  return {
    index,
    slot: slotOfTag(tag),
    base,
    transaction: `${base}tx:`,
    lists: { 1: `${base}open`, 2: `${base}paused`, 3: `${base}done`, 4: `${base}done-paused` },
    queue: `${base}queue:`,
    waiting: `${base}waiting`,
    types: `${base}types`,
    beat: `${base}beat`,
  };
}

/** The first tag of a series whose slot lies in the range (L2); about as many tries as there are shards. */
function tagWithin(start: string, from: number, before: number): string {
  for (let attempt = 0; ; attempt++) {
    const tag = `${start}:${attempt}`;
    const slot = slotOfTag(tag);
    if (slot >= from && slot < before) return tag;
  }
}
