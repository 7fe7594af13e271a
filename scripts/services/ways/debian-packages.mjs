/** What apt says of packages, and their contents, for all that is unpacked from Debian's packages instead of installed. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCaptured } from '../../processes/run-captured.mjs';
import { cacheFolder } from './cache-folder.mjs';

/**
 * What apt would install for these. "Inst NAME [OLD]" would replace what the machine has: that it has it is enough.
 * @param {readonly string[]} options by which apt knows its lists
 * @param {readonly string[]} packages
 */
export async function missingPackages(options, packages) {
  const simulation = ['-s', '-o', 'Debug::NoLocking=true', 'install', '--no-install-recommends'];
  const plan = await runCaptured('apt-get', [...options, ...simulation, ...packages]);
  return [...plan.matchAll(/^Inst (\S+) \(/gm)].map(([, name = '']) => name);
}

/**
 * Downloads them to a folder of this process alone, and unpacks them.
 * @param {readonly string[]} options by which apt knows its lists
 * @param {readonly string[]} packages
 * @param {string} folder
 */
export async function unpackPackages(options, packages, folder) {
  const downloads = mkdtempSync(join(cacheFolder('apt'), 'downloads-'));
  try {
    await runCaptured('apt-get', [...options, 'download', ...packages], { cwd: downloads });
    mkdirSync(folder, { recursive: true });
    for (const file of readdirSync(downloads)) await runCaptured('dpkg-deb', ['-x', join(downloads, file), folder]);
  } finally {
    rmSync(downloads, { recursive: true, force: true });
  }
}
