/** The programs in programs/go: built once into the cache, run against a server and services by their addresses. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const sources = fileURLToPath(new URL('../programs/go', import.meta.url));
export const goProgram = fileURLToPath(new URL('../../.cache/conformance/go/sdk-programs', import.meta.url));

export interface Outcome {
  readonly name: string;
  /** Empty: it went well. */
  readonly error: string;
}

export async function buildGoPrograms(): Promise<void> {
  const env = { ...process.env, GOFLAGS: '-mod=readonly', GOTOOLCHAIN: 'local', CGO_ENABLED: '0' };
  await run('go', ['build', '-o', goProgram, '.'], { cwd: sources, env });
}

/** @param addresses flags of the program and their values; an empty one is left out */
export async function runGoPrograms(addresses: Readonly<Record<string, string>>): Promise<readonly Outcome[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-go-sdk-'));
  const report = join(folder, 'report.jsonl');
  const flags = Object.entries({ ...addresses, report }).flatMap(([name, value]) => [`-${name}`, value]);
  try {
    await run(goProgram, flags, { timeout: 120_000, killSignal: 'SIGKILL' });
    const lines = readFileSync(report, 'utf8').trim().split('\n');
    return lines.map((line) => JSON.parse(line) as Outcome);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
