import {
  StoreError,
  type CommitItem,
  type CreateItem,
  type LeaseChange,
  type WriteItem,
  type WriteResult,
} from '@tandem/store';
import { runScript, type Command, type ShardCalls } from '../engine/shard-calls.js';
import { shardIndexOf, type Shard } from '../layout/shard.js';
import { encodeHead, placeOf, rowField, timeWord } from '../layout/transaction-codec.js';
import { toWord } from '../layout/words.js';
import { writeScript } from '../scripts/write-script.js';

export interface WriteLimits {
  /** A larger item is refused for good. */
  readonly itemBytesMax: number;
  /** Most items, and about most bytes, of one run of the script: the server does nothing else meanwhile. */
  readonly runItemsMax: number;
  readonly runBytesMax: number;
}

/** One item as the script takes it. */
interface Entry {
  readonly index: number;
  readonly key: string;
  readonly words: string;
  /** Fields and values by turns. */
  readonly fields: readonly string[];
  readonly bytes: number;
}

/** Most fields of one item: Redis takes a million arguments. */
const fieldsMax = 250_000;

/** Creates and commits: a run of one script for each shard, or several where there is much. */
export class RedisWrites {
  readonly #calls: ShardCalls;
  readonly #shards: readonly Shard[];
  readonly #limits: WriteLimits;

  constructor(calls: ShardCalls, shards: readonly Shard[], limits: WriteLimits) {
    this.#calls = calls;
    this.#shards = shards;
    this.#limits = limits;
  }

  async write(items: readonly WriteItem[]): Promise<readonly WriteResult[]> {
    const results: WriteResult[] = [];
    const runs: Promise<void>[] = [];
    for (const [shardIndex, entries] of this.#sort(items, results)) {
      const shard = this.#shards[shardIndex];
      if (shard === undefined) continue;
      for (const run of this.#split(entries)) runs.push(this.#run(shard, run, results));
    }
    // All are heard before a fault is told: what is still under way would meet its own retry.
    for (const settled of await Promise.allSettled(runs)) if (settled.status === 'rejected') throw settled.reason;
    return results;
  }

  #sort(items: readonly WriteItem[], results: WriteResult[]): ReadonlyMap<number, Entry[]> {
    const byShard = new Map<number, Entry[]>();
    items.forEach((item, index) => {
      const shardIndex = shardIndexOf(item.gid, this.#shards.length);
      const entry = entryOf(item, index, this.#shards[shardIndex]?.transaction ?? '');
      const reason = this.#refusal(entry);
      if (reason !== undefined) {
        results[index] = { kind: 'refused', reason };
        return;
      }
      const entries = byShard.get(shardIndex);
      if (entries === undefined) byShard.set(shardIndex, [entry]);
      else entries.push(entry);
    });
    return byShard;
  }

  #refusal({ bytes, fields }: Entry): string | undefined {
    if (bytes > this.#limits.itemBytesMax) return `larger than ${this.#limits.itemBytesMax} bytes`;
    return fields.length > fieldsMax ? `more than ${fieldsMax / 2} rows at once` : undefined;
  }

  #split(entries: readonly Entry[]): readonly (readonly Entry[])[] {
    const { runItemsMax, runBytesMax } = this.#limits;
    const runs: Entry[][] = [];
    let run: Entry[] = [];
    let bytes = 0;
    for (const entry of entries) {
      if (run.length > 0 && (run.length === runItemsMax || bytes + entry.bytes > runBytesMax)) {
        runs.push(run);
        run = [];
        bytes = 0;
      }
      run.push(entry);
      bytes += entry.bytes;
    }
    return run.length === 0 ? runs : [...runs, run];
  }

  async #run(shard: Shard, entries: readonly Entry[], results: WriteResult[]): Promise<void> {
    const [reply] = await this.#calls.write(shard, [commandFor(shard, entries)]);
    const words = typeof reply === 'string' ? reply.split(' ') : [];
    if (words.length !== entries.length) {
      throw new StoreError('corrupt', `Redis answered ${words.length} results for ${entries.length} writes`);
    }
    entries.forEach((entry, at) => (results[entry.index] = resultOf(words[at] ?? '')));
  }
}

function commandFor(shard: Shard, entries: readonly Entry[]): Command {
  const lists = Object.values(shard.lists);
  const keys = [...lists, shard.waiting, shard.types, shard.beat, ...entries.map((entry) => entry.key)];
  const args: string[] = [shard.transaction, shard.queue];
  for (const { words, fields } of entries) {
    args.push(words, String(fields.length));
    for (const field of fields) args.push(field);
  }
  return runScript(writeScript, keys, args);
}

function resultOf(word: string): WriteResult {
  switch (word) {
    case 'E':
      return { kind: 'exists' };
    case 'C':
      return { kind: 'conflict' };
    case 'R':
      return { kind: 'refused', reason: 'its key holds something that is no transaction' };
    default: {
      const [version, epoch] = word.split('/');
      return { kind: 'applied', version: Number(version), epoch: Number(epoch) };
    }
  }
}

function entryOf(item: WriteItem, index: number, base: string): Entry {
  const fields = ['h', encodeHead(item.head)];
  if (item.kind === 'create') fields.push('b', item.body);
  for (const row of item.rows) fields.push(rowField(row), row.value);
  let bytes = 0;
  for (const field of fields) bytes += field.length;
  return { index, key: base + item.gid, words: item.kind === 'create' ? creation(item) : change(item), fields, bytes };
}

function creation({ head, token, lease }: CreateItem): string {
  const epoch = lease === undefined ? 0 : 1;
  const until = lease?.untilMs ?? 0;
  const target = toWord(head.waitsFor);
  const first = `c 1 ${epoch} ${until} ${toWord(lease?.owner ?? '')} ${timeWord(head.dueAt)} ${placeOf(head)}`;
  return `${first} ${toWord(token)} ${toWord(head.type)} ${head.createdAt} ${target}`;
}

function change({ head, token, lease, expectedVersion }: CommitItem): string {
  const due = timeWord(head.dueAt);
  const target = toWord(head.waitsFor);
  return `u ${expectedVersion} ${toWord(token)} ${due} ${placeOf(head)} ${target} ${leaseWords(lease)}`;
}

/** What to do, the end, the owner. */
function leaseWords(lease: LeaseChange): string {
  switch (lease.kind) {
    case 'keep':
      return 'k  ';
    case 'renew':
      return `w ${lease.untilMs} `;
    case 'release':
      return 'r  ';
    case 'take':
      return `t ${lease.untilMs} ${toWord(lease.owner)}`;
  }
}
