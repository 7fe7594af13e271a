/** What is fixed when a store is created: a hash of its own, read when it is opened. */
import { StoreError } from '@tandem/store';
import { slotOfTag } from './layout/key-slot.js';
import type { ShardCalls, ShardPlace } from './engine/shard-calls.js';

/** The format that this version writes; a higher one was written by a newer version. */
const format = 1;

/**
 * Answers how many shards the store has; creates it with `shards`, or the usual number, where it is new. Safe from many
 * processes. Rejects with `StoreError` `incompatible` where a newer version wrote it, or where `wished` differs.
 */
export async function settleShards(
  calls: ShardCalls,
  prefix: string,
  { wished, usual }: { readonly wished: number | undefined; readonly usual: number },
): Promise<number> {
  const tag = `${prefix}:meta`;
  const key = `{${tag}}`;
  const at: ShardPlace = { slot: slotOfTag(tag) };
  await calls.write(at, [
    ['HSETNX', key, 'format', String(format)],
    ['HSETNX', key, 'shards', String(wished ?? usual)],
  ]);
  const [answer] = await calls.read(at, [['HMGET', key, 'format', 'shards']]);
  const [storedFormat, shards] = Array.isArray(answer) ? answer.map(Number) : [];
  if (storedFormat === undefined || storedFormat > format) {
    throw new StoreError(
      'incompatible',
      `the store "${prefix}" has format ${storedFormat ?? 'unknown'}, this version knows up to ${format}`,
    );
  }
  if (shards === undefined || !Number.isInteger(shards) || shards < 1) {
    throw new StoreError('corrupt', `the store "${prefix}" does not say how many shards it has`);
  }
  if (wished !== undefined && wished !== shards) {
    const advice = 'the number is fixed when a store is created; copy it to one with another prefix to change it';
    throw new StoreError('incompatible', `the store "${prefix}" has ${shards} shards, not ${wished}: ${advice}`);
  }
  return shards;
}
