/**
 * Programs from another release of Debian than the machine's: unpacked with all the libraries that they need, the C library among
 * them, and run by that release's own loader. Nothing of it is installed, and the machine's own package lists stay as they are.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCaptured } from '../../processes/run-captured.mjs';
import { cacheFolder, filledOnce } from './cache-folder.mjs';
import { missingPackages, unpackPackages } from './debian-packages.mjs';
import { folderWith } from './find-programs.mjs';
import { launchersIn, writeLaunchers } from './suite-launchers.mjs';

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * @typedef {Pick<import('../service.mjs').Service, 'name' | 'programs' | 'usualFolders'>
 *   & { debian: NonNullable<import('../service.mjs').Service['debian']> & { suite: string } }} Wanted
 */

/** @param {Wanted} wanted @returns {Promise<import('../service.mjs').Programs>} */
export async function suitePrograms(wanted) {
  const { debian } = wanted;
  const [cache, name] = [cacheFolder('debian'), `${wanted.name}-${debian.suite}`];
  const known = join(cache, name);
  const isBroken = existsSync(known) && folderWith([launchersIn(known)], wanted.programs) === undefined;
  if (isBroken) rmSync(known, { recursive: true, force: true });
  const unpacked = await filledOnce(cache, name, async (workFolder) => {
    console.error(`tandem: downloading packages of Debian ${debian.suite} for ${wanted.name}`);
    await unpack(debian, workFolder);
    writeLaunchers(wanted, workFolder);
  });
  // Those of an older cache knew only where it lay.
  writeLaunchers(wanted, unpacked);
  // The launchers' shell is the machine's: it must not load another release's libraries.
  return {
    folder: launchersIn(unpacked),
    libraryFolders: [],
    origin: `packages of Debian ${debian.suite} in ${unpacked}`,
  };
}

/** @param {Wanted['debian']} debian @param {string} unpacked */
async function unpack({ packages, suite, leaveOut }, unpacked) {
  // Lists of this process alone: apt is told not to lock them.
  const apt = mkdtempSync(join(cacheFolder('apt'), `${suite}-`));
  try {
    const options = await listsOf(suite, apt);
    // With a status that knows no package, everything is missing.
    const missing = await missingPackages(options, packages);
    await unpackPackages(
      options,
      missing.filter((name) => !leaveOut.test(name)),
      unpacked,
    );
  } finally {
    rmSync(apt, { recursive: true, force: true });
  }
}

/**
 * Options by which apt knows this suite alone.
 * @param {string} suite
 * @param {string} folder for apt's lists
 */
async function listsOf(suite, folder) {
  for (const name of ['state/lists/partial', 'cache/archives/partial'])
    mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'status'), '');
  writeFileSync(join(folder, 'sources.list'), `deb [signed-by=${keyring}] ${await archive()} ${suite} main\n`);
  const settings = {
    'Dir::State': join(folder, 'state'),
    'Dir::State::status': join(folder, 'status'),
    'Dir::Cache': join(folder, 'cache'),
    'Dir::Etc::sourcelist': join(folder, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    'Acquire::Languages': 'none',
    'APT::Sandbox::User': 'root',
    'Debug::NoLocking': 'true',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  await runCaptured('apt-get', [...options, 'update']);
  return options;
}

/** Where this machine has Debian from: a mirror that is near, and that it may reach. */
async function archive() {
  const format = '$(ORIGIN)|$(LABEL)|$(REPO_URI)';
  const targets = await runCaptured('apt-get', ['indextargets', '--format', format, 'Identifier: Packages']);
  const uri = /^Debian\|Debian\|(\S+)$/m.exec(targets)?.[1];
  if (uri === undefined) throw new Error('the machine has no package list of Debian');
  return uri;
}
