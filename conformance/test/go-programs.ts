/** The programs in programs/go: built once into the cache, run against a server and services by their addresses. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { goProgram } from '../../scripts/languages/go.mjs';

const run = promisify(execFile);
const sources = fileURLToPath(new URL('../programs/go', import.meta.url));

export interface Outcome {
  readonly name: string;
  /** Empty: it went well. */
  readonly error: string;
}

/** Its path. Two suites that ask for it at once get the same one, and neither a half of it. */
export function goPrograms(): Promise<string> {
  return goProgram('sdk-programs', sources);
}

/** @param addresses flags of the program and their values; an empty one is left out */
export async function runGoPrograms(addresses: Readonly<Record<string, string>>): Promise<readonly Outcome[]> {
  const program = await goPrograms();
  const folder = mkdtempSync(join(tmpdir(), 'tandem-go-sdk-'));
  const report = join(folder, 'report.jsonl');
  const flags = Object.entries({ ...addresses, report }).flatMap(([name, value]) => [`-${name}`, value]);
  try {
    await run(program, flags, { timeout: 180_000, killSignal: 'SIGKILL' });
    const lines = readFileSync(report, 'utf8').trim().split('\n');
    return lines.map((line) => JSON.parse(line) as Outcome);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
