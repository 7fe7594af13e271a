/**
 * Programs that are built from a Go module of this repository, whose requirements come from the Go module proxy. A file
 * `corrections.json` beside it corrects single lines of a requirement: exact texts, each of which must be there.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { runCaptured } from '../../processes/run-captured.mjs';
import { cacheFolder } from './cache-folder.mjs';

/**
 * @param {Pick<import('../service.mjs').Service, 'name' | 'goModule' | 'programs'>} wanted
 * @returns {Promise<import('../service.mjs').Programs>}
 */
export async function goPrograms({ name, goModule, programs: [program = ''] }) {
  if (goModule === undefined) throw new Error('no Go module is named for it');
  // What was built from other sources stays beside it, for who goes back to them.
  const folder = cacheFolder('go', `${name}-${digest(goModule)}`);
  const built = join(folder, program);
  if (!existsSync(built)) {
    await runCaptured('go', ['version']);
    console.error(`tandem: building ${name} with Go, about a minute`);
    // Elsewhere first: two runs may build at once, and one may be killed.
    const workFolder = mkdtempSync(join(folder, 'build-'));
    try {
      const moduleFile = await moduleFileFor(goModule, workFolder);
      const result = join(workFolder, program);
      await go(goModule, 'build', '-trimpath', '-modfile', moduleFile, '-o', result, '.');
      renameSync(result, built);
    } finally {
      await runCaptured('chmod', ['-R', 'u+w', workFolder]);
      rmSync(workFolder, { recursive: true, force: true });
    }
  }
  return { folder, libraryFolders: [], origin: `a Go module, built in ${folder}` };
}

/**
 * The go.mod to build with: where requirements are corrected, one that takes corrected copies in `workFolder` for them.
 * @param {string} goModule
 * @param {string} workFolder
 */
async function moduleFileFor(goModule, workFolder) {
  const file = join(workFolder, 'go.mod');
  for (const name of ['go.mod', 'go.sum']) copyFileSync(join(goModule, name), join(workFolder, name));
  const list = join(goModule, 'corrections.json');
  /** @type {{ module: string, file: string, find: string, replace: string }[]} */
  const corrections = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : [];
  await go(goModule, 'mod', 'download');
  for (const name of new Set(corrections.map(({ module }) => module))) {
    const sources = (await go(goModule, 'list', '-m', '-f', '{{.Dir}}', name)).trim();
    const copy = join(workFolder, name.replaceAll('/', '+'));
    cpSync(sources, copy, { recursive: true });
    for (const correction of corrections.filter(({ module }) => module === name)) correct(copy, correction);
    await go(goModule, 'mod', 'edit', `-replace=${name}=${copy}`, file);
  }
  return file;
}

/**
 * @param {string} folder
 * @param {{ file: string, find: string, replace: string }} correction
 */
function correct(folder, { file, find, replace }) {
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  if (!text.includes(find)) throw new Error(`${file} has no ${find}`);
  // Go keeps what it has downloaded without the right to write; so are its copies.
  chmodSync(dirname(path), 0o755);
  rmSync(path);
  writeFileSync(
    path,
    text.replace(find, () => replace),
  );
}

/** @param {string} cwd @param {string[]} args */
function go(cwd, ...args) {
  const env = { ...process.env, GOFLAGS: '-mod=readonly -buildvcs=false', CGO_ENABLED: '0' };
  if (process.env['HOME'] === undefined) Object.assign(env, ownFolders());
  return runCaptured('go', args, { cwd, env });
}

function ownFolders() {
  return { GOPATH: cacheFolder('go', 'path'), GOCACHE: cacheFolder('go', 'cache') };
}

/** @param {string} folder */
function digest(folder) {
  const hash = createHash('sha256');
  for (const file of readdirSync(folder).sort()) hash.update(file).update(readFileSync(join(folder, file)));
  return hash.digest('hex').slice(0, 12);
}
