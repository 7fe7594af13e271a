import { compareBytes } from './byte-order.js';
import type { KeyValue, KeyValuePage } from './store.js';

/** The key-value half of `MemoryStore`. A deleted key leaves its version behind, so that versions never go back. */
export class MemoryKeyValues {
  readonly #live = new Map<string, KeyValue>();
  readonly #deletedVersions = new Map<string, number>();

  get(category: string, key: string): KeyValue | undefined {
    return this.#live.get(address(category, key));
  }

  put(entry: Pick<KeyValue, 'category' | 'key' | 'value'>, expectedVersion: number, now: number): boolean {
    const at = address(entry.category, entry.key);
    const stored = this.#live.get(at);
    if ((stored?.version ?? 0) !== expectedVersion) return false;
    const version = (stored?.version ?? this.#deletedVersions.get(at) ?? 0) + 1;
    this.#live.set(at, {
      category: entry.category,
      key: entry.key,
      value: entry.value,
      version,
      createdAt: stored?.createdAt ?? now,
      updatedAt: now,
    });
    this.#deletedVersions.delete(at);
    return true;
  }

  delete(category: string, key: string): boolean {
    const at = address(category, key);
    const stored = this.#live.get(at);
    if (stored === undefined) return false;
    this.#live.delete(at);
    this.#deletedVersions.set(at, stored.version);
    return true;
  }

  scan(category: string, cursor: string | undefined, limit: number): KeyValuePage {
    const found = [...this.#live.values()]
      .filter((entry) => entry.category === category && (cursor === undefined || compareBytes(entry.key, cursor) > 0))
      .sort((left, right) => compareBytes(left.key, right.key));
    const items = found.slice(0, limit);
    return { items, nextCursor: found.length > limit ? items.at(-1)?.key : undefined };
  }
}

// Lengths keep ("a", "b:c") and ("a:b", "c") apart.
function address(category: string, key: string): string {
  return `${String(category.length)}:${category}:${key}`;
}
