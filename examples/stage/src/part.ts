import type { ExampleProcess } from './child-process.js';

const startTries = 5;
const pauseMs = 300;

/** One process of an example, which can be killed and started again at the same place. */
export class Part {
  readonly name: string;
  readonly #begin: () => Promise<ExampleProcess>;
  #process: ExampleProcess | undefined;

  /** `begin` starts it; resolves when it serves. */
  constructor(name: string, begin: () => Promise<ExampleProcess>) {
    this.name = name;
    this.#begin = begin;
  }

  get id(): number {
    return this.#process?.id ?? 0;
  }

  /** What it said last on standard error; for the reports of tests. */
  get errorText(): string {
    return this.#process?.errorText ?? '';
  }

  get isRunning(): boolean {
    return this.#process?.isRunning ?? false;
  }

  /** Resolves when it is gone, whatever ended it. */
  get ended(): Promise<void> {
    return this.#process?.ended ?? Promise.resolve();
  }

  /** Tries again where it ended at once: while it was down, a connection of somebody may have been given its port. */
  async start(): Promise<void> {
    for (let triesLeft = startTries; ; triesLeft -= 1) {
      try {
        this.#process = await this.#begin();
        return;
      } catch (error) {
        if (triesLeft === 1) throw error;
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  }

  /** kill -9; resolves when it is gone. */
  async kill(): Promise<void> {
    await this.#process?.end('SIGKILL');
  }

  /** It keeps its sockets, and does nothing. */
  pause(): void {
    this.#process?.signal('SIGSTOP');
  }

  resume(): void {
    this.#process?.signal('SIGCONT');
  }
}
