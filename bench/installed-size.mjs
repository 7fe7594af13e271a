/**
 * Bytes that an installation of the server takes on disk: the built packages and their production dependencies, installed
 * anew into a temporary folder. `node bench/installed-size.mjs`
 */
import { cpSync, lstatSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCaptured } from '../scripts/processes/run-captured.mjs';
import { prepareWorkspace } from '../scripts/workspace/prepare.mjs';
import { root } from '../scripts/workspace/root.mjs';

/** @param {string} path @returns {number} */
function sizeOf(path) {
  const stat = lstatSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

await prepareWorkspace();
const folder = mkdtempSync(join(tmpdir(), 'tandem-installed-'));
try {
  /** @type {{ workspaces: string[] }} */
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const name of ['package.json', 'package-lock.json', '.npmrc']) cpSync(join(root, name), join(folder, name));
  for (const workspace of workspaces) {
    const source = join(root, workspace.replace('/*', ''));
    const isWanted = (/** @type {string} */ path) => !/\/(node_modules|src|test|results)$/.test(path);
    cpSync(source, join(folder, workspace.replace('/*', '')), { recursive: true, filter: isWanted });
  }
  const args = ['ci', '--omit=dev', '--workspace', '@tandem/server', '--no-audit', '--no-fund', '--loglevel=error'];
  await runCaptured('npm', args, { cwd: folder });
  const dependencies = sizeOf(join(folder, 'node_modules'));
  const own = ['protocol', 'store', 'store-sql', 'coordinator', 'server']
    .map((name) => sizeOf(join(folder, 'packages', name)))
    .reduce((sum, size) => sum + size, 0);
  console.log(JSON.stringify({ dependenciesBytes: dependencies, ownBytes: own, totalBytes: dependencies + own }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
