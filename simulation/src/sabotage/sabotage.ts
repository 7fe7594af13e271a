/**
 * `npm run sabotage`: puts each deliberate defect into the sources, one at a time, and runs seeds until one fails. Every
 * defect must be caught within the budget; ends with 1 where one is not.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { catchDefect, type Catch } from './catch-defect.js';
import { defects } from './defects.js';
import { withCatches } from './document.js';

const usage = `npm run sabotage -- [options]
  --seeds N     the budget of each defect (20000)
  --only NAME   one defect; may be given more than once
  --workers W   defects at a time (2)
  --write       writes docs/correctness/sabotage.md
`;

interface Asked {
  readonly seeds: number;
  readonly only: readonly string[];
  readonly workers: number;
  readonly isWritten: boolean;
}

function readArguments(given: readonly string[]): Asked {
  const only: string[] = [];
  let [seeds, workers, isWritten] = [20_000, 2, false];
  for (let at = 0; at < given.length; at += 1) {
    const flag = given[at];
    if (flag === '--write') isWritten = true;
    else if (flag === '--only') only.push(given[(at += 1)] ?? '');
    else if (flag === '--seeds') seeds = Number(given[(at += 1)]);
    else if (flag === '--workers') workers = Number(given[(at += 1)]);
    else throw new Error(`unknown option ${String(flag)}\n${usage}`);
  }
  if (!(seeds > 0) || !(workers > 0)) throw new Error(`--seeds and --workers need a number\n${usage}`);
  return { seeds, only, workers, isWritten };
}

async function main(): Promise<boolean> {
  const asked = readArguments(process.argv.slice(2));
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const chosen = defects.filter(({ name }) => asked.only.length === 0 || asked.only.includes(name));
  if (chosen.length === 0)
    throw new Error(`there is no defect of that name; there are ${defects.map(({ name }) => name).join(', ')}`);
  const folder = mkdtempSync(join(tmpdir(), 'tandem-sabotage-'));
  const catches: Catch[] = [];
  const waiting = [...chosen];
  try {
    await Promise.all(
      Array.from({ length: asked.workers }, async () => {
        for (let defect = waiting.shift(); defect !== undefined; defect = waiting.shift()) {
          const caught = await catchDefect(root, folder, defect, asked.seeds);
          catches.push(caught);
          console.log(lineOf(caught));
        }
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  catches.sort((one, other) => chosen.indexOf(one.defect) - chosen.indexOf(other.defect));
  if (asked.isWritten) {
    const path = join(root, 'docs/correctness/sabotage.md');
    writeFileSync(path, withCatches(readFileSync(path, 'utf8'), catches));
  }
  const missed = catches.filter(({ seed }) => seed === undefined);
  console.log(`${String(catches.length - missed.length)} of ${String(catches.length)} defects caught`);
  return missed.length === 0;
}

function lineOf({ defect, seed, kinds, text, ms }: Catch): string {
  const found = seed === undefined ? `MISSED    ${text}` : `seed ${String(seed).padStart(5)}  ${kinds.join(', ')}`;
  return `${defect.name.padEnd(34)} ${found}  (${(ms / 1000).toFixed(1)} s)`;
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
