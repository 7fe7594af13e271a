/**
 * Launchers of programs that were unpacked with another release's libraries and loader. Each finds its folder from where it lies
 * itself, so that a cache may be moved or copied.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expandFolders, folderWith } from './find-programs.mjs';
import { libraryFolders } from './library-folders.mjs';

/** Below `usr`, so that what a program expects beside its folder is there. */
const launchers = 'usr/tandem';

/** Where the launchers lie in a folder that Debian's packages were unpacked into. @param {string} unpacked */
export function launchersIn(unpacked) {
  return join(unpacked, launchers);
}

/**
 * Leaves alone those that are right already; the others are replaced whole, since another process may be starting one.
 * @param {Pick<import('../service.mjs').Service, 'programs' | 'usualFolders'>} wanted
 * @param {string} unpacked
 */
export function writeLaunchers({ programs, usualFolders }, unpacked) {
  const candidates = [...usualFolders, '/usr/bin', '/usr/sbin'].map((folder) => join(unpacked, folder));
  const found = folderWith(candidates.flatMap(expandFolders), programs);
  if (found === undefined) throw new Error(`${programs.join(', ')}: not in the packages`);
  const libraries = libraryFolders(unpacked);
  const loader = libraries
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .find((path) => /\/ld-linux[^/]*\.so\.\d+$/.test(path));
  if (loader === undefined) throw new Error('no loader of programs in the packages');
  const moved = (/** @type {string} */ path) => `$root/${relative(unpacked, path)}`;
  mkdirSync(launchersIn(unpacked), { recursive: true });
  for (const program of programs) {
    const words = [moved(loader), '--library-path', libraries.map(moved).join(':'), moved(join(found, program))];
    const lines = [
      '#!/bin/sh',
      'unset LD_LIBRARY_PATH',
      'launcher=$(readlink -f "$0")',
      `root=\${launcher%/${launchers}/*}`,
      `exec ${words.map((word) => `"${word}"`).join(' ')} "$@"`,
    ];
    writeWhole(join(launchersIn(unpacked), program), `${lines.join('\n')}\n`);
  }
}

/** @param {string} path @param {string} text */
function writeWhole(path, text) {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  const own = `${path}.${process.pid}`;
  writeFileSync(own, text);
  chmodSync(own, 0o755);
  renameSync(own, path);
}
