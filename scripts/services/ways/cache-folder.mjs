import { mkdirSync } from 'node:fs';
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
