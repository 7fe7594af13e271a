/** Programs of this repository that are written in Go. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { goPrograms } from '../services/ways/go-programs.mjs';

/** The modules say so too; an older Go would try to fetch a newer one. */
const oldest = [1, 21];

/** What a person has to install. */
export const goNeeded = `Go ${oldest.join('.')} or newer`;

/** Whether a Go is on this machine that can build the programs. */
export function hasGo() {
  try {
    const version = /go(\d+)\.(\d+)/.exec(execFileSync('go', ['version'], { encoding: 'utf8' }));
    const [major, minor] = [Number(version?.[1]), Number(version?.[2])];
    const [oldestMajor = 0, oldestMinor = 0] = oldest;
    return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
  } catch {
    return false;
  }
}

/**
 * The program that a Go module makes, built into the cache where its sources are not there yet.
 * @param {string} name of the program, no other module's
 * @param {string} folder of the module, without folders in it
 */
export async function goProgram(name, folder) {
  const programs = await goPrograms({ name, goModule: folder, programs: [name] });
  return join(programs.folder, name);
}
