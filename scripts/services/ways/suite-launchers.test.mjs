import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { launchersIn, writeLaunchers } from './suite-launchers.mjs';

const wanted = { programs: ['program'], usualFolders: [] };
/** @type {string} */
let folder;
/** @type {string} */
let unpacked;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem launchers-'));
  unpacked = join(folder, 'before');
  mkdirSync(join(unpacked, 'usr/bin'), { recursive: true });
  mkdirSync(join(unpacked, 'usr/lib'));
  writeFileSync(join(unpacked, 'usr/bin/program'), '');
  // Stands for the loader: tells what it is to load, one word a line.
  writeFileSync(join(unpacked, 'usr/lib/ld-linux.so.2'), `#!/bin/sh\nprintf '%s\\n' "$@"\n`, { mode: 0o755 });
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const loaded = (/** @type {string} */ launcher) =>
  execFileSync(launcher, ['with "quotes"'], { encoding: 'utf8' }).trimEnd().split('\n');

test('a launcher starts its program from wherever the folder was moved to, and through a link', () => {
  writeLaunchers(wanted, unpacked);
  const moved = join(folder, 'after');
  renameSync(unpacked, moved);
  const launcher = join(launchersIn(moved), 'program');
  const expected = ['--library-path', join(moved, 'usr/lib'), join(moved, 'usr/bin/program'), 'with "quotes"'];
  expect(loaded(launcher)).toEqual(expected);
  symlinkSync(launcher, join(folder, 'link'));
  expect(loaded(join(folder, 'link'))).toEqual(expected);
});

test('a launcher that is not right is written again, and nothing is left beside it', () => {
  writeLaunchers(wanted, unpacked);
  const launcher = join(launchersIn(unpacked), 'program');
  const right = readFileSync(launcher, 'utf8');
  writeFileSync(launcher, '#!/bin/sh\nexec /gone/program\n');
  writeLaunchers(wanted, unpacked);
  expect(readFileSync(launcher, 'utf8')).toBe(right);
  expect(readdirSync(launchersIn(unpacked))).toEqual(['program']);
});
