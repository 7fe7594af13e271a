/**
 * Programs from Debian's packages, downloaded and unpacked into the cache, with the libraries that the machine lacks.
 * Needs apt-get and dpkg-deb, and no root.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCaptured } from '../../processes/run-captured.mjs';
import { cacheFolder } from './cache-folder.mjs';
import { suitePrograms } from './debian-suite.mjs';
import { expandFolders, folderWith } from './find-programs.mjs';
import { libraryFolders } from './library-folders.mjs';
import { oneAfterTheOther } from './one-after-the-other.mjs';

/**
 * @param {Pick<import('../service.mjs').Service, 'name' | 'debian' | 'programs' | 'usualFolders'>} wanted
 * @returns {Promise<import('../service.mjs').Programs>}
 */
export async function debianPrograms({ name, debian, programs, usualFolders }) {
  if (debian === undefined) throw new Error('no Debian package is named for it');
  const { suite } = debian;
  if (suite !== undefined) {
    const wanted = { name, debian: { ...debian, suite }, programs, usualFolders };
    return oneAfterTheOther(() => suitePrograms(wanted));
  }
  const unpacked = join(cacheFolder('debian'), name);
  const candidates = [...usualFolders, '/usr/bin', '/usr/sbin'].map((folder) => join(unpacked, folder));
  const find = () => folderWith(candidates.flatMap(expandFolders), programs);
  await oneAfterTheOther(async () => {
    if (find() !== undefined) return;
    console.error(`tandem: downloading Debian packages for ${name}`);
    await unpack(debian, unpacked);
  });
  const folder = find();
  if (folder === undefined) throw new Error(`${programs.join(', ')}: not in ${debian.packages.join(', ')}`);
  return { folder, libraryFolders: libraryFolders(unpacked), origin: `Debian packages in ${unpacked}` };
}

/** @param {NonNullable<import('../service.mjs').Service['debian']>} debian @param {string} unpacked */
async function unpack(debian, unpacked) {
  const downloads = `${unpacked}.deb`;
  rmSync(downloads, { recursive: true, force: true });
  mkdirSync(downloads, { recursive: true });
  try {
    await download(debian, downloads, []);
  } catch {
    // The machine's package lists are absent or too old for the archive, and are not ours to change.
    const ownLists = await updateOwnLists();
    await download(debian, downloads, ownLists);
  }
  for (const file of readdirSync(downloads)) await runCaptured('dpkg-deb', ['-x', join(downloads, file), unpacked]);
  rmSync(downloads, { recursive: true });
}

/**
 * @param {NonNullable<import('../service.mjs').Service['debian']>} debian
 * @param {string} downloads
 * @param {readonly string[]} options
 */
async function download(debian, downloads, options) {
  const depends = await runCaptured('apt-cache', [...options, 'depends', ...debian.packages]);
  const followed = [...depends.matchAll(/Depends: (\S+)/g)].flatMap(([, name = '']) =>
    debian.follow.test(name) ? [name] : [],
  );
  const wanted = [...debian.packages, ...followed];
  const simulation = [...options, '-s', '-o', 'Debug::NoLocking=true', 'install', '--no-install-recommends'];
  const plan = await runCaptured('apt-get', [...simulation, ...wanted]);
  // "Inst NAME [OLD]" would replace what the machine has: that it has it is enough.
  const missing = [...plan.matchAll(/^Inst (\S+) \(/gm)].map(([, name = '']) => name);
  const names = new Set([...wanted, ...missing.filter((name) => !debian.leaveOut.test(name))]);
  await runCaptured('apt-get', [...options, 'download', ...names], { cwd: downloads });
}

async function updateOwnLists() {
  const state = cacheFolder('apt', 'state');
  const cache = cacheFolder('apt', 'cache');
  mkdirSync(join(state, 'lists', 'partial'), { recursive: true });
  const settings = [`Dir::State=${state}`, `Dir::Cache=${cache}`, 'Dir::State::status=/var/lib/dpkg/status'];
  const options = [...settings, 'APT::Sandbox::User=root'].flatMap((setting) => ['-o', setting]);
  await runCaptured('apt-get', [...options, 'update']);
  return options;
}
