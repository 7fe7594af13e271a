/** Of a long story, so many lines from its beginning, and so many before its end. */
const linesAtEachEnd = 150;

/** What happened in one run, line by line, each with its virtual time. */
export class Story {
  readonly #now: () => number;
  readonly #first: string[] = [];
  readonly #last: string[] = [];
  #left = 0;

  /** `now`: ms since the world began. */
  constructor(now: () => number) {
    this.#now = now;
  }

  tell(line: string): void {
    const timed = `${timeText(this.#now()).padStart(12)}  ${line}`;
    if (this.#first.length < linesAtEachEnd) {
      this.#first.push(timed);
      return;
    }
    this.#last.push(timed);
    if (this.#last.length <= linesAtEachEnd) return;
    this.#last.shift();
    this.#left += 1;
  }

  get lines(): readonly string[] {
    const gap = this.#left === 0 ? [] : [`              ... ${this.#left} more ...`];
    return [...this.#first, ...gap, ...this.#last];
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
