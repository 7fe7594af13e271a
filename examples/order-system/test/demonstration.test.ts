import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isRunning } from '@tandem/example-stage';
import { describe, expect, test } from 'vitest';
import { needs } from './trial/describe-trial.js';

const script = fileURLToPath(new URL('../../../scripts/example.mjs', import.meta.url));

describe.skipIf(needs.length > 0)('npm run example:order-system (needs PostgreSQL, MariaDB and Redis)', () => {
  test('tells four stories, ends with books that balance, and leaves nothing behind', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tandem-order-system-test-'));
    // A setting for another coordinator, as a developer may have it in the environment, must do no harm.
    const env = { ...process.env, TMPDIR: folder, NO_COLOR: '1', STORE_DRIVER: 'mysql', HTTP_PORT: '1' };
    const child = spawn(process.execPath, [script, 'order-system'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()));
    const exitCode = await new Promise((resolve) => child.once('close', resolve));
    expect(output).not.toContain('✘');
    expect(exitCode, output).toBe(0);
    expect(output.match(/✔ the books balance/g), output).toHaveLength(4);
    expect(output).toMatch(/coupon +process \d+ +(Go|TypeScript)/);
    expect(output).toMatch(/payment +process \d+ +(Python|TypeScript)/);
    const ids = [...output.matchAll(/process (\d+)/g)].map(([, id]) => Number(id));
    expect(ids.filter(isRunning)).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
    await rm(folder, { recursive: true });
  }, 300_000);
});
