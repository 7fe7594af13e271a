import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Folders that a pattern with `*` for whole names stands for; the highest name first, so that the newest version wins.
 * @param {string} pattern
 * @returns {string[]}
 */
export function expandFolders(pattern) {
  const [head = '', ...rest] = pattern.split('/*/');
  return rest.reduce(
    (folders, tail) =>
      folders.flatMap((folder) =>
        (existsSync(folder) ? readdirSync(folder) : [])
          .sort((a, b) => b.localeCompare(a, undefined, { numeric: true }))
          .map((name) => join(folder, name, tail)),
      ),
    [head],
  );
}

/**
 * The first folder that holds all the programs.
 * @param {readonly string[]} folders
 * @param {readonly string[]} programs
 */
export function folderWith(folders, programs) {
  return folders.find((folder) => programs.every((program) => existsSync(join(folder, program))));
}

/** @returns {readonly string[]} */
export function searchPath() {
  return (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
}
