export interface SimulateArguments {
  readonly from: number;
  readonly seeds: number;
  /** Ms after which no further seed is begun; undefined: the number of seeds decides. */
  readonly forMs: number | undefined;
  readonly workers: number;
  /** A file with a draw to run instead of seeds. */
  readonly drawFile: string | undefined;
  readonly isTranscribed: boolean;
}

export const usage = `npm run simulate -- [options]
  --seeds N       how many seeds (1000)
  --from S        the first seed (1)
  --hours H       goes on for so long, however many seeds that are
  --workers W     threads (1)
  --transcript    prints what happened, of seeds that pass too
  --draw FILE     runs the draw in a JSON file, as a failed run has written it
`;

const numeric = ['seeds', 'from', 'hours', 'workers'] as const;

/** Throws an error with a message for a person. */
export function readArguments(given: readonly string[]): SimulateArguments {
  const numbers: Partial<Record<(typeof numeric)[number], number>> = {};
  let drawFile: string | undefined;
  let isTranscribed = false;
  for (let at = 0; at < given.length; at += 1) {
    const [flag = '', inline] = (given[at] ?? '').split('=', 2);
    if (flag === '--transcript') {
      isTranscribed = true;
      continue;
    }
    const name = numeric.find((candidate) => flag === `--${candidate}`);
    if (name === undefined && flag !== '--draw') throw new Error(`unknown option ${flag}\n${usage}`);
    const value = inline ?? given[(at += 1)];
    if (value === undefined || value === '') throw new Error(`${flag} needs a value\n${usage}`);
    if (name === undefined) drawFile = value;
    else numbers[name] = positive(flag, value);
  }
  const { hours } = numbers;
  return {
    from: Math.floor(numbers.from ?? 1),
    seeds: hours === undefined ? Math.floor(numbers.seeds ?? 1_000) : Infinity,
    forMs: hours === undefined ? undefined : hours * 3_600_000,
    workers: Math.max(1, Math.floor(numbers.workers ?? 1)),
    drawFile,
    isTranscribed,
  };
}

function positive(flag: string, value: string): number {
  const number = Number(value);
  if (!(number >= 0)) throw new Error(`${flag} needs a number, not ${value}`);
  return number;
}
