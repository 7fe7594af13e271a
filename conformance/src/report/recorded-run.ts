import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Observation } from '../run-cases.js';

export type RecordedServer = 'dtm' | 'tandem';

/** Where the recorded run of a server lies: one observation a line, so that a change of one shows as one. */
export function recordingOf(server: RecordedServer): string {
  return fileURLToPath(new URL(`../../recorded/${server}.jsonl`, import.meta.url));
}

export function readRecording(path: string): readonly Observation[] {
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Observation);
}

export function writeRecording(path: string, observations: readonly Observation[]): void {
  writeFileSync(path, observations.map((one) => `${JSON.stringify(one)}\n`).join(''));
}
