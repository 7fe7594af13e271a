import type { ExampleProcess } from '@tandem/example-stage';

/** One process of the system, which can be killed and started again at the same place. */
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

  async start(): Promise<void> {
    this.#process = await this.#begin();
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
