import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { builtEntry, openBuiltStore } from './built-store.js';

const writerFile = fileURLToPath(new URL('./writer-process.mjs', import.meta.url));

interface Writer {
  readonly child: ChildProcess;
  readonly lines: Interface;
}

let folder: string;
const started: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-crash-'));
});

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function startWriter(): Writer {
  const child = spawn(process.execPath, [writerFile, builtEntry.href, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  started.push(child);
  return { child, lines: createInterface({ input: child.stdout }) };
}

/** Kills the writer after so many acknowledgements; answers the version that each gid was acknowledged with. */
async function killAfter({ child, lines }: Writer, acknowledgements: number): Promise<ReadonlyMap<string, number>> {
  const versions = new Map<string, number>();
  let left = acknowledgements;
  for await (const line of lines) {
    const [version, ...gids] = line.split(' ');
    if (version === 'open') continue;
    for (const gid of gids) versions.set(gid, Number(version));
    if (--left === 0) child.kill('SIGKILL');
  }
  return versions;
}

describe('a process that is killed in the middle of writing', () => {
  it.each([1, 2, 25, 60])('loses nothing that was acknowledged (killed after %i answers)', async (answers) => {
    const acknowledged = await killAfter(startWriter(), answers);
    expect(acknowledged.size).toBeGreaterThan(0);
    const store = await openBuiltStore({ folder });
    try {
      const gids = [...acknowledged.keys()];
      const stored = await store.load(gids, 'all');
      stored.forEach((one, index) => {
        const version = acknowledged.get(gids[index] ?? '') ?? 0;
        expect(one?.head.version).toBeGreaterThanOrEqual(version);
        // Head, body and rows are one unit: no head without the rows of its commit.
        expect(one?.rows.length).toBe((one?.head.version ?? 0) - 1);
        expect(one?.body.length).toBe(500);
      });
    } finally {
      await store.close();
    }
  });

  it('leaves no lease: everything can be claimed at once, and the old token still reads as applied', async () => {
    const acknowledged = await killAfter(startWriter(), 3);
    const store = await openBuiltStore({ folder });
    try {
      const claim = { now: 2, limit: 1000, owner: 'new', leaseUntil: 100, token: 'claim' };
      const { claimed } = await store.claimDue(claim);
      expect(claimed.length).toBeGreaterThanOrEqual(acknowledged.size);
      expect(new Set(claimed.map((one) => one.head.epoch))).toEqual(new Set([2]));
    } finally {
      await store.close();
    }
  });

  it('leaves no lock behind, and holds it while it lives', async () => {
    const writer = startWriter();
    await once(writer.lines, 'line');
    await expect(openBuiltStore({ folder })).rejects.toMatchObject({ name: 'StoreError', kind: 'locked' });
    await expect(openBuiltStore({ folder, thread: 'main' })).rejects.toMatchObject({ kind: 'locked' });
    const exited = once(writer.child, 'exit');
    writer.child.kill('SIGKILL');
    await exited;
    const store = await openBuiltStore({ folder });
    await store.close();
  });
});
