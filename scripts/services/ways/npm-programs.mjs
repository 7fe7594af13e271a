/** Programs that lie inside an npm package: no root, no installer, the platforms that the package is built for. */
import { existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { runNpm } from '../../workspace/npm.mjs';
import { cacheFolder, filledOnce } from './cache-folder.mjs';
import { folderWith } from './find-programs.mjs';

/**
 * @param {Pick<import('../service.mjs').Service, 'npmPackage' | 'programs'>} wanted
 * @returns {Promise<import('../service.mjs').Programs>}
 */
export async function npmPrograms({ npmPackage, programs }) {
  if (npmPackage === undefined) throw new Error(`no npm package for ${process.platform} on ${process.arch}`);
  const { specification, folder } = npmPackage;
  /** @param {string} prefix */
  const packageIn = (prefix) => join(prefix, 'node_modules', specification.slice(0, specification.lastIndexOf('@')));
  const [cache, name] = [cacheFolder('npm'), specification.replaceAll('/', '+')];
  const known = join(cache, name);
  const isBroken = existsSync(known) && folderWith([join(packageIn(known), folder)], programs) === undefined;
  if (isBroken) rmSync(known, { recursive: true, force: true });
  const prefix = await filledOnce(cache, name, async (workFolder) => {
    const flags = [
      '--no-save',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--no-update-notifier',
      '--loglevel=error',
    ];
    const exitCode = await runNpm(['install', '--prefix', workFolder, ...flags, specification], { stdout: 'stderr' });
    if (exitCode !== 0) throw new Error(`npm install ${specification} failed with exit code ${exitCode}`);
    restoreLinks(packageIn(workFolder));
  });
  return { folder: join(packageIn(prefix), folder), libraryFolders: [], origin: `npm package ${specification}` };
}

/**
 * An npm package cannot hold symbolic links: this family of packages lists those of its libraries in a file, which an
 * install script would read; install scripts are not run here.
 * @param {string} packageFolder
 */
function restoreLinks(packageFolder) {
  const list = join(packageFolder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  /** @type {{ source: string, target: string }[]} */
  const links = JSON.parse(readFileSync(list, 'utf8'));
  for (const { source, target } of links) {
    const path = join(packageFolder, target);
    if (!existsSync(path)) symlinkSync(relative(dirname(target), source), path);
  }
}
