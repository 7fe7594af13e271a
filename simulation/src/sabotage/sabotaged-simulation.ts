/**
 * Bundles the simulation from its sources with one defect in them. The sources themselves stay as they are, and nothing of
 * this is in what is shipped.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import type { Defect } from './defect.js';

/** Writes a program to `outfile` that runs seeds with the defect. Throws where the defect does not apply any more. */
export async function bundleSabotaged(root: string, defect: Defect, outfile: string): Promise<void> {
  const applied = new Set<string>();
  const sabotage: Plugin = {
    name: 'sabotage',
    setup(bundler) {
      bundler.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (path !== join(root, defect.file)) return undefined;
        applied.add(path);
        return { contents: sabotaged(await readFile(path, 'utf8'), defect), loader: 'ts' };
      });
    },
  };
  await build({
    entryPoints: [join(root, 'simulation/src/sabotage/seeds-program.ts')],
    absWorkingDir: root,
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['tandem-source'],
    logLevel: 'error',
    plugins: [sabotage],
  });
  if (applied.size === 0) throw new Error(`${defect.name}: the simulation does not use ${defect.file}`);
}

function sabotaged(source: string, { name, file, find, replace }: Defect): string {
  const places = source.split(find).length - 1;
  if (places !== 1) throw new Error(`${name}: ${String(places)} places in ${file} fit, and it has to be one`);
  return source.replace(find, () => replace);
}
