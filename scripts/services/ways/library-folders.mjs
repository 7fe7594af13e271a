import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where the libraries lie in a folder that Debian's packages were unpacked into. @param {string} unpacked */
export function libraryFolders(unpacked) {
  return ['lib', 'lib64', 'usr/lib', 'usr/lib64'].flatMap((folder) => {
    const path = join(unpacked, folder);
    if (!existsSync(path)) return [];
    return [path, ...readdirSync(path).flatMap((name) => (name.includes('-linux-gnu') ? [join(path, name)] : []))];
  });
}
