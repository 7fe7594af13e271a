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
 * The first folder that holds all the programs, and none of those beside which they would be another product's.
 * @param {readonly string[]} folders
 * @param {readonly string[]} programs
 * @param {readonly string[]} [notBeside]
 */
export function folderWith(folders, programs, notBeside = []) {
  return folders.find((folder) => {
    const has = (/** @type {string} */ program) => existsSync(join(folder, program));
    return programs.every(has) && !notBeside.some(has);
  });
}

/** @returns {readonly string[]} */
export function searchPath() {
  return (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
}
