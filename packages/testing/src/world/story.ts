const linesMax = 400;

/** What happened in one run, line by line, each with its virtual time. */
export class Story {
  readonly #now: () => number;
  readonly #lines: string[] = [];
  #left = 0;

  /** `now`: ms since the world began. */
  constructor(now: () => number) {
    this.#now = now;
  }

  tell(line: string): void {
    if (this.#lines.length < linesMax) this.#lines.push(`${timeText(this.#now()).padStart(12)}  ${line}`);
    else this.#left += 1;
  }

  get lines(): readonly string[] {
    return this.#left === 0 ? this.#lines : [...this.#lines, `              and ${this.#left} more`];
  }
}

const unitsMs = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
] as const;

/** `1d 2h 3.5s`. */
export function timeText(ms: number): string {
  const parts: string[] = [];
  let left = ms;
  for (const [unit, unitMs] of unitsMs) {
    if (left >= unitMs) parts.push(`${Math.floor(left / unitMs)}${unit}`);
    left %= unitMs;
  }
  if (left > 0 || parts.length === 0) parts.push(`${Number((left / 1_000).toFixed(3))}s`);
  return parts.join(' ');
}
