/**
 * A money transfer between two banks, three times: it succeeds; it is refused; the coordinator dies in the middle. The
 * coordinator (`tandem start`) and both banks are processes of their own, each with an SQLite database of its own.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ExampleProcess,
  freePort,
  startCoordinator,
  type CoordinatorProcess,
  type StartProcess,
} from '@tandem/example-stage';
import { startBank, type Bank } from './bank.js';
import type { BankEvent } from './bank-event.js';
import { isRefused, succeeds, survivesKill, type Stage } from './scenarios.js';
import { Story } from './story.js';

export interface DemonstrationOptions {
  /** Path of the `tandem` command's script. */
  readonly command: string;
  /** Ends the demonstration early. */
  readonly stop: AbortSignal;
}

/** Runs the demonstration on the terminal; answers whether everything was as it should be. Leaves nothing behind. */
export async function runDemonstration({ command, stop }: DemonstrationOptions): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-quickstart-'));
  const demonstration = new Demonstration(folder, command);
  const stopped = new Promise<never>((_, reject) => {
    stop.addEventListener('abort', () => reject(stop.reason as Error));
  });
  try {
    return await Promise.race([demonstration.run(), stopped]);
  } finally {
    await demonstration.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

interface Waiting {
  readonly fits: (event: BankEvent) => boolean;
  readonly resolve: () => void;
}

class Demonstration {
  readonly #folder: string;
  readonly #command: string;
  readonly #story = new Story();
  readonly #waiting = new Set<Waiting>();
  readonly #processes: ExampleProcess[] = [];
  #isClosed = false;

  constructor(folder: string, command: string) {
    this.#folder = folder;
    this.#command = command;
  }

  async run(): Promise<boolean> {
    const stage = await this.#open();
    for (const scenario of [succeeds, isRefused, survivesKill]) await scenario(stage);
    const { isRight } = this.#story;
    this.#story.heading(isRight ? 'All three ended as they should; the books balance.' : 'Something went WRONG.');
    return isRight;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#processes.map((child) => child.end('SIGTERM')));
  }

  async #open(): Promise<Stage> {
    const story = this.#story;
    const port = await freePort();
    const env = { TANDEM_DATA: join(this.#folder, 'coordinator') };
    const start = (): Promise<CoordinatorProcess> =>
      startCoordinator(this.#start, { command: this.#command, port, env });
    let coordinator = await start();
    const north = await this.#openBank('north bank', ['ann=100']);
    const south = await this.#openBank('south bank', ['bob=50', 'carl=10!']);
    story.heading('A coordinator and two banks, each a process with a database of its own');
    for (const { name, url, process } of [{ name: 'coordinator', ...coordinator }, north, south]) {
      story.line(`${name.padEnd(12)} ${url}   process ${String(process.id)}`);
    }
    return {
      story,
      coordinatorUrl: coordinator.url,
      north,
      south,
      nextEvent: (fits) => new Promise((resolve) => this.#waiting.add({ fits, resolve })),
      killCoordinator: async () => {
        await coordinator.process.end('SIGKILL');
        story.line(`the coordinator, process ${String(coordinator.process.id)}, was killed with -9`);
      },
      restartCoordinator: async () => {
        story.line('the coordinator is started again');
        coordinator = await start();
      },
    };
  }

  async #openBank(name: string, accounts: readonly string[]): Promise<Bank> {
    const databasePath = join(this.#folder, `${name.replace(' ', '-')}.db`);
    return startBank(this.#start, { name, databasePath, accounts, onEvent: (event) => this.#heard(name, event) });
  }

  /** Every process is known from its first moment, so that it is ended even where it never comes to serve. */
  readonly #start: StartProcess = (options) => {
    if (this.#isClosed) throw new Error('the demonstration is over');
    const child = new ExampleProcess({ ...options, cwd: this.#folder });
    this.#processes.push(child);
    return child;
  };

  #heard(bank: string, event: BankEvent): void {
    this.#story.event(bank, event);
    for (const waiting of this.#waiting) {
      if (!waiting.fits(event)) continue;
      this.#waiting.delete(waiting);
      waiting.resolve();
    }
  }
}
