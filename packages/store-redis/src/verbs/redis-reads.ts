import type { Backlog, LoadDepth, StoredTransaction } from '@tandem/store';
import { runScript, type Command, type ShardCalls } from '../engine/shard-calls.js';
import { places, shardIndexOf, type Shard } from '../layout/shard.js';
import { decodeTransaction } from '../layout/transaction-codec.js';
import { backlogScript } from '../scripts/backlog-script.js';
import { textOf, textsOf } from './texts.js';

/** Snapshots by gid, and counts. */
export class RedisReads {
  readonly #calls: ShardCalls;
  readonly #shards: readonly Shard[];

  constructor(calls: ShardCalls, shards: readonly Shard[]) {
    this.#calls = calls;
    this.#shards = shards;
  }

  async load(gids: readonly string[], depth: LoadDepth): Promise<readonly (StoredTransaction | undefined)[]> {
    const found: (StoredTransaction | undefined)[] = gids.map(() => undefined);
    const byShard = this.#shards.map((): number[] => []);
    gids.forEach((gid, index) => byShard[shardIndexOf(gid, this.#shards.length)]?.push(index));
    await Promise.all(
      this.#shards.map(async (shard, shardIndex) => {
        const indexes = byShard[shardIndex] ?? [];
        if (indexes.length === 0) return;
        const commands = indexes.map((index) => loadCommand(shard.transaction + (gids[index] ?? ''), depth));
        const replies = await this.#calls.read(shard, commands);
        indexes.forEach((index, at) => {
          found[index] = transactionOf(gids[index] ?? '', textsOf(replies[at]), depth);
        });
      }),
    );
    return found;
  }

  async backlog(now: number): Promise<Backlog> {
    const counts = await Promise.all(
      this.#shards.map(async (shard) => {
        const keys = [shard.lists[places.open], shard.lists[places.paused], shard.types];
        const [reply] = await this.#calls.read(shard, [runScript(backlogScript, keys, [shard.queue, String(now)])]);
        return textsOf(reply).map(Number);
      }),
    );
    const sum = (at: number): number => counts.reduce((all, one) => all + (one[at] ?? 0), 0);
    return { unfinished: sum(0) + sum(1), overdue: sum(2), paused: sum(1) };
  }
}

function loadCommand(key: string, depth: LoadDepth): Command {
  switch (depth) {
    case 'head':
      return ['HMGET', key, 'm', 'h'];
    case 'body':
      return ['HMGET', key, 'm', 'h', 'b'];
    case 'all':
      return ['HGETALL', key];
  }
}

function transactionOf(gid: string, reply: readonly string[], depth: LoadDepth): StoredTransaction | undefined {
  if (depth === 'all') return decodeTransaction(gid, reply);
  const [m, h, body] = reply;
  if (m === undefined || m === '') return undefined;
  return decodeTransaction(gid, ['m', m, 'h', textOf(h), 'b', textOf(body)]);
}
