/** What users of a package would meet: publint's and attw's ("are the types wrong") findings on what is packed. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';

/** What publint has against the package in this folder; empty: nothing. @param {string} folder */
export async function publintMessages(folder) {
  return (await publint({ pkgDir: folder, strict: true })).messages;
}

/**
 * The entries of the packed package, and the ways of resolving ESM by which their types are not found. Node 10, which knows no
 * exports, and `require` of CommonJS are left out: the packages are ESM alone.
 *
 * @param {string} folder
 */
export async function packedTypes(folder) {
  const target = await mkdtemp(join(tmpdir(), 'tandem-packed-'));
  try {
    await promisify(execFile)('npm', ['pack', '--pack-destination', target, '--ignore-scripts'], { cwd: folder });
    const [name = ''] = await readdir(target);
    const analysis = await checkPackage(createPackageFromTarballData(await readFile(join(target, name))));
    if (analysis.types === false) throw new Error('there are no types');
    const ways = analysis.problems.map((problem) => ('resolutionKind' in problem ? problem.resolutionKind : 'any'));
    return {
      entries: Object.keys(analysis.entrypoints),
      problems: ways.filter((way) => way !== 'node10' && way !== 'node16-cjs'),
    };
  } finally {
    await rm(target, { recursive: true, force: true });
  }
}
