/**
 * Programs from another release of Debian than the machine's: unpacked with all the libraries that they need, the C library among
 * them, and run by that release's own loader. Nothing of it is installed, and the machine's own package lists stay as they are.
 */
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCaptured } from '../../processes/run-captured.mjs';
import { cacheFolder } from './cache-folder.mjs';
import { expandFolders, folderWith } from './find-programs.mjs';
import { libraryFolders } from './library-folders.mjs';

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
/** Where the programs' launchers are put, so that what a program expects beside its folder is there. */
const launchers = 'usr/tandem';

/**
 * @typedef {Pick<import('../service.mjs').Service, 'name' | 'programs' | 'usualFolders'>
 *   & { debian: NonNullable<import('../service.mjs').Service['debian']> & { suite: string } }} Wanted
 */

/** @param {Wanted} wanted @returns {Promise<import('../service.mjs').Programs>} */
export async function suitePrograms(wanted) {
  const { name, debian } = wanted;
  const unpacked = join(cacheFolder('debian'), `${name}-${debian.suite}`);
  const folder = join(unpacked, launchers);
  if (folderWith([folder], wanted.programs) === undefined) {
    console.error(`tandem: downloading packages of Debian ${debian.suite} for ${name}`);
    rmSync(unpacked, { recursive: true, force: true });
    await unpack(debian, unpacked);
    // Last of all, since they say that the rest is there.
    writeLaunchers(wanted, unpacked);
  }
  // The launchers' shell is the machine's: it must not load another release's libraries.
  return { folder, libraryFolders: [], origin: `packages of Debian ${debian.suite} in ${unpacked}` };
}

/** @param {Wanted['debian']} debian @param {string} unpacked */
async function unpack({ packages, suite, leaveOut }, unpacked) {
  const options = await listsOf(suite);
  const downloads = `${unpacked}.deb`;
  rmSync(downloads, { recursive: true, force: true });
  mkdirSync(downloads, { recursive: true });
  // With a status that knows no package, everything is missing.
  const plan = await runCaptured('apt-get', [...options, '-s', 'install', '--no-install-recommends', ...packages]);
  const names = [...plan.matchAll(/^Inst (\S+) \(/gm)].map(([, name = '']) => name);
  const wanted = names.filter((name) => !leaveOut.test(name));
  await runCaptured('apt-get', [...options, 'download', ...wanted], { cwd: downloads });
  for (const file of readdirSync(downloads)) await runCaptured('dpkg-deb', ['-x', join(downloads, file), unpacked]);
  rmSync(downloads, { recursive: true });
}

/** Options by which apt knows this suite alone. @param {string} suite */
async function listsOf(suite) {
  const folder = cacheFolder('apt', suite);
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

/** @param {Wanted} wanted @param {string} unpacked */
function writeLaunchers({ programs, usualFolders }, unpacked) {
  const candidates = [...usualFolders, '/usr/bin', '/usr/sbin'].map((folder) => join(unpacked, folder));
  const found = folderWith(candidates.flatMap(expandFolders), programs);
  if (found === undefined) throw new Error(`${programs.join(', ')}: not in the packages`);
  const libraries = libraryFolders(unpacked);
  const loader = libraries
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .find((path) => /\/ld-linux[^/]*\.so\.\d+$/.test(path));
  if (loader === undefined) throw new Error('no loader of programs in the packages');
  mkdirSync(join(unpacked, launchers), { recursive: true });
  for (const program of programs) {
    const path = join(unpacked, launchers, program);
    const words = [loader, '--library-path', libraries.join(':'), join(found, program)].map((word) => `'${word}'`);
    writeFileSync(path, `#!/bin/sh\nunset LD_LIBRARY_PATH\nexec ${words.join(' ')} "$@"\n`);
    chmodSync(path, 0o755);
  }
}
