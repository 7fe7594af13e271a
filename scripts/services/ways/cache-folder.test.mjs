import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { filledOnce } from './cache-folder.mjs';

let parent = '';
beforeEach(() => void (parent = mkdtempSync(join(tmpdir(), 'tandem-cache-'))));
afterEach(() => rmSync(parent, { recursive: true, force: true }));

/** @param {string} text */
const writing = (text) => async (/** @type {string} */ folder) => writeFileSync(join(folder, 'program'), text);

test('a folder of the cache is filled once, by whoever ends first', async () => {
  const both = await Promise.all([
    filledOnce(parent, 'redis', writing('one')),
    filledOnce(parent, 'redis', writing('two')),
  ]);
  expect(new Set(both)).toEqual(new Set([join(parent, 'redis')]));
  expect(readdirSync(parent)).toEqual(['redis']);
  await filledOnce(parent, 'redis', () => Promise.reject(new Error('filled again')));
});

test('one that could not be filled is not there', async () => {
  await expect(filledOnce(parent, 'redis', () => Promise.reject(new Error('no such package')))).rejects.toThrow(
    'package',
  );
  expect(readdirSync(parent)).toEqual([]);
});

test('another account may run what it holds: PostgreSQL refuses to be root', async () => {
  const folder = await filledOnce(parent, 'postgres', writing('program'));
  expect(statSync(folder).mode & 0o777).toBe(0o755);
});
