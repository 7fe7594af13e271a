import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryStore } from '@tandem/store';
import { compareStores, storeContract } from '@tandem/store/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBuiltStore } from './built-store.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-sqlite-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe.each(['worker', 'main'] as const)('SQLite on the %s thread', (thread) => {
  it.each(storeContract)('$name', async ({ run }) => {
    const store = await openBuiltStore({ folder, thread });
    try {
      await store.migrate();
      await run(store);
    } finally {
      await store.close();
    }
  });

  it.each([1, 2, 3, 4, 5, 6])('answers like the memory store, seed %i', async (seed) => {
    const store = await openBuiltStore({ folder, thread, synchronous: 'normal' });
    try {
      await compareStores(new MemoryStore(), store, { seed, steps: 400 });
    } finally {
      await store.close();
    }
    expect(store.counts().batches).toBeGreaterThan(10);
  });
});
