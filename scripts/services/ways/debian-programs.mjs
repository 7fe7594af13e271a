/**
 * Programs from Debian's packages, downloaded and unpacked into the cache, with the libraries that the machine lacks.
 * Needs apt-get and dpkg-deb, and no root.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCaptured } from '../../processes/run-captured.mjs';
import { cacheFolder, filledOnce } from './cache-folder.mjs';
import { missingPackages, unpackPackages } from './debian-packages.mjs';
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
  const cache = cacheFolder('debian');
  const unpacked = join(cache, name);
  const candidates = [...usualFolders, '/usr/bin', '/usr/sbin'].map((folder) => join(unpacked, folder));
  const find = () => folderWith(candidates.flatMap(expandFolders), programs);
  await oneAfterTheOther(async () => {
    if (find() !== undefined) return;
    console.error(`tandem: downloading Debian packages for ${name}`);
    // What lies there without the programs was left by a run that was cut off.
    rmSync(unpacked, { recursive: true, force: true });
    await filledOnce(cache, name, (workFolder) => unpack(debian, workFolder));
  });
  const folder = find();
  if (folder === undefined) throw new Error(`${programs.join(', ')}: not in ${debian.packages.join(', ')}`);
  return { folder, libraryFolders: libraryFolders(unpacked), origin: `Debian packages in ${unpacked}` };
}

/** @typedef {NonNullable<import('../service.mjs').Service['debian']>} Debian */

/** @param {Debian} debian @param {string} folder */
async function unpack(debian, folder) {
  try {
    await unpackWith([], debian, folder);
  } catch {
    // The machine's package lists are absent or too old for the archive, and are not ours to change.
    await unpackWith(await updateOwnLists(), debian, folder);
  }
}

/** @param {readonly string[]} options @param {Debian} debian @param {string} folder */
async function unpackWith(options, { packages, follow, leaveOut }, folder) {
  const depends = await runCaptured('apt-cache', [...options, 'depends', ...packages]);
  const followed = [...depends.matchAll(/Depends: (\S+)/g)].flatMap(([, name = '']) =>
    follow.test(name) ? [name] : [],
  );
  const wanted = [...packages, ...followed];
  const missing = await missingPackages(options, wanted);
  await unpackPackages(options, [...new Set([...wanted, ...missing.filter((name) => !leaveOut.test(name))])], folder);
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
