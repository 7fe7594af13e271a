/** What is published, as the client's package.test.ts looks at its own. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { packedTypes, publintMessages } from '../../../scripts/packaging/packed.mjs';

const folder = fileURLToPath(new URL('..', import.meta.url));

test('the package is as publint wants it', async () => {
  expect(await publintMessages(folder)).toEqual([]);
});

test('its types are found by every way of resolving ESM', async () => {
  const manifest = JSON.parse(await readFile(`${folder}/package.json`, 'utf8')) as { readonly exports: object };
  expect(await packedTypes(folder)).toEqual({ entries: Object.keys(manifest.exports), problems: [] });
});

test("what was built runs in Node's own test runner", async () => {
  const file = fileURLToPath(new URL('./node-runner/order.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--test', '--test-reporter=tap', file]);
  expect(stdout).toMatch(/# pass 1\n# fail 0/);
});
