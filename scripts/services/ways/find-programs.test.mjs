import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { folderWith } from './find-programs.mjs';

/** @type {string} */
let place;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'tandem-programs-'));
});
afterEach(() => rmSync(place, { recursive: true }));

/** @param {string} name @param {readonly string[]} programs */
function folderOf(name, ...programs) {
  const folder = join(place, name);
  mkdirSync(folder);
  for (const program of programs) writeFileSync(join(folder, program), '');
  return folder;
}

test('a folder is passed over that lacks one of the programs, or has one of another product of the same name', () => {
  const folders = [
    folderOf('partial', 'mysqld'),
    folderOf('other', 'mysqld', 'helper', 'mariadbd'),
    folderOf('right', 'mysqld', 'helper'),
  ];
  expect(folderWith(folders, ['mysqld', 'helper'], ['mariadbd'])).toBe(folders[2]);
  expect(folderWith(folders, ['mysqld', 'helper'])).toBe(folders[1]);
  expect(folderWith(folders, ['mysqld', 'valkey-server'])).toBeUndefined();
});
