/**
 * Installs the packages when something that the lock file names is not there.
 *
 * What is installed is read from npm's own record (node_modules/.package-lock.json), not from a stamp of ours: so a
 * developer's `npm install` counts, and a changed lock file is noticed. An interrupted install leaves no record.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNpm } from './npm.mjs';
import { root } from './root.mjs';

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean }} LockedPackage
 * @typedef {Record<string, LockedPackage>} LockedPackages
 */

/** @param {string} path @returns {LockedPackages | undefined} */
function readLockedPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/**
 * What the lock file asks for and the installed record lacks. Optional packages are left out: they are for other platforms.
 * @param {LockedPackages} locked
 * @param {LockedPackages} installed
 */
export function missingPackages(locked, installed) {
  return Object.entries(locked)
    .filter(
      ([path, entry]) => path.includes('node_modules/') && entry.optional !== true && !isSame(entry, installed[path]),
    )
    .map(([path]) => path);
}

/** @param {LockedPackage} locked @param {LockedPackage | undefined} installed */
function isSame(locked, installed) {
  if (installed === undefined) return false;
  return locked.version === installed.version && locked.integrity === installed.integrity;
}

/** Runs `npm ci` when packages are missing or differ from the lock file. Throws when npm fails. */
export async function installIfNeeded() {
  const locked = readLockedPackages(join(root, 'package-lock.json'));
  if (locked === undefined) throw new Error('package-lock.json cannot be read; is this a complete checkout?');
  const installed = readLockedPackages(join(root, 'node_modules', '.package-lock.json'));
  const missing = missingPackages(locked, installed ?? {});
  if (missing.length === 0) return;
  console.error(`tandem: installing packages (${missing.length} missing or changed)`);
  // Development packages too, even where NODE_ENV says production: the build needs the compiler.
  const exitCode = await runNpm([
    'ci',
    '--include=dev',
    '--no-audit',
    '--no-fund',
    '--no-update-notifier',
    '--loglevel=error',
  ]);
  if (exitCode !== 0) throw new Error(`npm ci failed with exit code ${exitCode}`);
}
