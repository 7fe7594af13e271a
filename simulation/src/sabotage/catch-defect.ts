import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Defect } from './defect.js';
import { bundleSabotaged } from './sabotaged-simulation.js';

/** What came of one defect. */
export interface Catch {
  readonly defect: Defect;
  /** The first seed that fails, counted from 1; undefined: none did. */
  readonly seed: number | undefined;
  /** What its oracles said. */
  readonly kinds: readonly string[];
  readonly text: string;
  readonly ms: number;
}

/** A run that neither ends nor yields is ended by the clock, and counts as missed: so long that a busy machine does not matter. */
const hangMs = 600_000;

/** Runs up to `seedsMax` seeds, from 1, with the defect in place. */
export async function catchDefect(root: string, folder: string, defect: Defect, seedsMax: number): Promise<Catch> {
  const startedAt = performance.now();
  const program = join(folder, `${defect.name}.mjs`);
  await bundleSabotaged(root, defect, program);
  const said = await runProgram([program, '1', String(seedsMax)]);
  return { defect, ...said, ms: performance.now() - startedAt };
}

function runProgram(args: readonly string[]): Promise<Pick<Catch, 'seed' | 'kinds' | 'text'>> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-2_000)));
    const timer = setTimeout(() => child.kill('SIGKILL'), hangMs);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve(readOutput(output, `${String(signal ?? code)} ${errors}`));
    });
  });
}

function readOutput(output: string, end: string): Pick<Catch, 'seed' | 'kinds' | 'text'> {
  const line = output.trim().split('\n').at(-1) ?? '';
  try {
    const said = JSON.parse(line) as { seed?: number; kinds: readonly string[]; text?: string };
    return { seed: said.seed, kinds: said.kinds, text: said.text ?? '' };
  } catch {
    return { seed: undefined, kinds: ['crash'], text: `it did not end as it should: ${end}` };
  }
}
