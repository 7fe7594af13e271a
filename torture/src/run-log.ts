import { appendFileSync } from 'node:fs';

/** Every line with its time since the start: on the terminal, and in a file of the run's folder. */
export class RunLog {
  readonly #path: string;
  readonly #startedAt = performance.now();

  constructor(path: string) {
    this.#path = path;
  }

  line(text: string): void {
    const seconds = ((performance.now() - this.#startedAt) / 1000).toFixed(3).padStart(8);
    this.plain(`[${seconds}] ${text}`);
  }

  plain(text: string): void {
    console.log(text);
    appendFileSync(this.#path, `${text}\n`);
  }
}
