import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../workspace/root.mjs';

/**
 * A folder below the cache of fetched programs. TANDEM_SERVICES_CACHE moves it, say to where another account may read.
 * @param {readonly string[]} names
 */
export function cacheFolder(...names) {
  const folder = join(process.env['TANDEM_SERVICES_CACHE'] ?? join(root, '.cache', 'services'), ...names);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * Fills a folder of the cache elsewhere first, so that it is there whole or not at all: two processes may fill it at once, and one may be
 * killed. Who comes second throws his own away.
 * @param {string} parent of the cache
 * @param {string} name of the folder in it
 * @param {(workFolder: string) => Promise<unknown>} fill
 */
export async function filledOnce(parent, name, fill) {
  const folder = join(parent, name);
  if (existsSync(folder)) return folder;
  const workFolder = mkdtempSync(join(parent, 'install-'));
  try {
    await fill(workFolder);
    // A temporary folder is its maker's alone; PostgreSQL refuses to be root, and is run from here by another account.
    chmodSync(workFolder, 0o755);
    moveUnlessThere(workFolder, folder);
  } finally {
    rmSync(workFolder, { recursive: true, force: true });
  }
  return folder;
}

/** @param {string} from @param {string} to */
function moveUnlessThere(from, to) {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
}
