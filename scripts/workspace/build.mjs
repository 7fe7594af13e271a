/**
 * Builds when a source is newer than the build.
 *
 * The decision is a fingerprint of every input's path, size and modification time, kept from the last build that
 * succeeded: a few milliseconds, where asking the compiler whether there is anything to do takes over a second.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { runToEnd } from '../processes/run-to-end.mjs';
import { root } from './root.mjs';

const stampPath = join(root, '.cache', 'build-fingerprint');

/** The folders that `tsc -b` compiles, as the root project names them. */
function projectFolders() {
  const project = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  return /** @type {{ path: string }[]} */ (project.references).map((reference) => reference.path);
}

/** @param {string} folder @returns {string[]} */
function inputsOf(folder) {
  const sources = readdirSync(join(root, folder, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[cm]?[jt]s$/.test(name) && !name.endsWith('.test.ts'))
    .map((name) => join(folder, 'src', name));
  return [join(folder, 'package.json'), join(folder, 'tsconfig.json'), ...sources];
}

/** What the package promises to its users. @param {string} folder @returns {string[]} */
function outputsOf(folder) {
  /** @type {{ exports: Record<string, { default: string }> }} */
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  return Object.values(manifest.exports).map((entry) => join(folder, entry.default));
}

/** @param {readonly string[]} folders */
function fingerprint(folders) {
  const hash = createHash('sha256').update(process.version);
  for (const input of ['package-lock.json', 'tsconfig.json', 'tsconfig.base.json', ...folders.flatMap(inputsOf)]) {
    const { size, mtimeMs } = statSync(join(root, input));
    hash.update(`${input} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function lastFingerprint() {
  return existsSync(stampPath) ? readFileSync(stampPath, 'utf8') : '';
}

/** Runs `tsc -b` unless the build is of these very sources. Throws when the compiler fails. */
export async function buildIfNeeded() {
  const folders = projectFolders();
  const current = fingerprint(folders);
  const isBuilt = folders.flatMap(outputsOf).every((output) => existsSync(join(root, output)));
  if (isBuilt && current === lastFingerprint()) return;
  console.error('tandem: building');
  const compiler = createRequire(join(root, 'package.json')).resolve('typescript/bin/tsc');
  // The compiler believes its own record even where the output was deleted, hence the force.
  const args = isBuilt ? ['-b'] : ['-b', '--force'];
  const exitCode = await runToEnd(process.execPath, [compiler, ...args], { cwd: root });
  if (exitCode !== 0) throw new Error(`the build failed (tsc -b, exit code ${exitCode})`);
  mkdirSync(join(root, '.cache'), { recursive: true });
  writeFileSync(stampPath, current);
}
