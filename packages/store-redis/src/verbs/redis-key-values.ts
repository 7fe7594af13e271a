import type { KeyValue, KeyValuePage } from '@tandem/store';
import { runScript, type ShardCalls } from '../engine/shard-calls.js';
import type { Shard } from '../layout/shard.js';
import { toWord } from '../layout/words.js';
import { deleteKeyValueScript, putKeyValueScript, scanKeyValuesScript } from '../scripts/key-value-scripts.js';
import { listOf, textsOf } from './texts.js';

/** Most keys of one page. */
const pageMax = 1_000;

/** Topics and other small things, each with a version; all in one shard. */
export class RedisKeyValues {
  readonly #calls: ShardCalls;
  readonly #shard: Shard;

  constructor(calls: ShardCalls, shard: Shard) {
    this.#calls = calls;
    this.#shard = shard;
  }

  async get(category: string, key: string): Promise<KeyValue | undefined> {
    const command = ['HMGET', this.#entry(category) + key, 'version', 'value', 'created', 'updated'];
    const [reply] = await this.#calls.read(this.#shard, [command]);
    return keyValueOf(category, key, listOf(reply));
  }

  async put(
    entry: Pick<KeyValue, 'category' | 'key' | 'value'>,
    expectedVersion: number,
    now: number,
  ): Promise<boolean> {
    const { category, key, value } = entry;
    const args = [key, value, String(expectedVersion), String(now)];
    const [reply] = await this.#calls.writeOnce(this.#shard, [
      runScript(putKeyValueScript, this.#keys(category, key), args),
    ]);
    return reply === 1;
  }

  async delete(category: string, key: string): Promise<boolean> {
    const command = runScript(deleteKeyValueScript, this.#keys(category, key), [key]);
    const [reply] = await this.#calls.writeOnce(this.#shard, [command]);
    return reply === 1;
  }

  async scan(category: string, cursor: string | undefined, limit: number): Promise<KeyValuePage> {
    const most = Math.min(limit, pageMax);
    const args = [this.#entry(category), cursor === undefined ? '-' : `(${cursor}`, String(most + 1)];
    const [reply] = await this.#calls.read(this.#shard, [
      runScript(scanKeyValuesScript, [this.#index(category)], args),
    ]);
    const found = listOf(reply).map(listOf);
    const page = found.slice(0, most);
    const items = page.map(([key, ...fields]) => keyValueOf(category, String(key), fields));
    const last = page.at(-1)?.[0];
    return {
      items: items.filter((item) => item !== undefined),
      nextCursor: found.length > most && typeof last === 'string' ? last : undefined,
    };
  }

  #keys(category: string, key: string): readonly string[] {
    return [this.#entry(category) + key, this.#index(category)];
  }

  // A word has no space, so that categories and keys cannot be mistaken for each other.
  #entry(category: string): string {
    return `${this.#shard.base}kv:${toWord(category)} `;
  }

  #index(category: string): string {
    return `${this.#shard.base}kv-keys:${toWord(category)}`;
  }
}

function keyValueOf(category: string, key: string, fields: readonly unknown[]): KeyValue | undefined {
  const [, value] = fields;
  // A deleted key is there with its version alone.
  if (typeof value !== 'string') return undefined;
  const [version, , createdAt, updatedAt] = textsOf(fields);
  return {
    ...{ category, key, value },
    ...{ version: Number(version), createdAt: Number(createdAt), updatedAt: Number(updatedAt) },
  };
}
