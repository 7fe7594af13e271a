/** Packages of this repository as their users get them: packed, and installed into a folder outside of it. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../..', import.meta.url));

export interface Installed {
  readonly folder: string;
  close(): Promise<void>;
}

/** Installs workspaces by their names, and others by what npm takes. Rejects where npm cannot have them. */
export async function installPacked(workspaces: readonly string[], others: readonly string[]): Promise<Installed> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-packed-'));
  const close = () => rm(folder, { recursive: true, force: true });
  try {
    const names = workspaces.flatMap((name) => ['-w', name]);
    await run('npm', ['pack', ...names, '--pack-destination', folder, '--ignore-scripts'], { cwd: root });
    const packed = (await readdir(folder)).filter((name) => name.endsWith('.tgz')).map((name) => `./${name}`);
    await writeFile(join(folder, 'package.json'), '{ "type": "module", "private": true }');
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
    await run('npm', ['install', ...quiet, ...packed, ...others], { cwd: folder });
    return { folder, close };
  } catch (error) {
    await close();
    throw error;
  }
}
