/** Virtual environments for the programs of this repository that are written in Python. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCaptured } from '../processes/run-captured.mjs';
import { cacheFolder, filledOnce } from '../services/ways/cache-folder.mjs';

/** What a person has to install. */
export const pythonNeeded = 'Python 3.8 or newer with venv';

/** Whether a Python is on this machine that can make virtual environments; Debian packs what makes them apart. */
export function hasPython() {
  try {
    const asked = 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 8))';
    execFileSync('python3', ['-c', asked], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * A Python that has what the file requires, installed into the cache where it is not there yet.
 * @param {string} requirements path of a requirements.txt
 */
export async function pythonWith(requirements) {
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = await filledOnce(cacheFolder('python'), digest, async (workFolder) => {
    await runCaptured('python3', ['-m', 'venv', workFolder]);
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements];
    await runCaptured(join(workFolder, 'bin', 'python'), install);
  });
  return join(folder, 'bin', 'python');
}
