import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../bin/tandem.js', import.meta.url));

/** The `tandem` command in a process of its own, as it was built. */
export class TandemProcess {
  readonly #child: ChildProcess;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  output = '';
  errors = '';
  #heard: (() => void) | undefined;

  /** `prefix`: a command that runs it in other surroundings. */
  constructor(
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    prefix: readonly string[] = [],
  ) {
    const [program, ...before] = [...prefix, process.execPath];
    this.#child = spawn(program, [...before, command, ...args], {
      env: { PATH: process.env['PATH'] ?? '', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.on('data', (data: Buffer) => {
      this.output += data.toString();
      this.#heard?.();
    });
    this.#child.stderr?.on('data', (data: Buffer) => (this.errors += data.toString()));
    this.exited = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        this.#heard?.();
        resolve({ code, signal });
      });
    });
  }

  /** Starts a server on a free port; resolves with its URL. */
  static async server(folder: string, ...more: readonly string[]): Promise<{ process: TandemProcess; url: string }> {
    const process = new TandemProcess(['start', '--http-port', '0', '--grpc-port', '0', '--data', folder, ...more]);
    return { process, url: await process.url() };
  }

  /** The URL that the server prints when it is ready. */
  async url(): Promise<string> {
    for (;;) {
      const found = /ready at (http:\S+)/.exec(this.output)?.[1];
      if (found !== undefined) return found;
      if (this.#child.exitCode !== null) throw new Error(`the server ended: ${this.errors}`);
      await new Promise<void>((resolve) => (this.#heard = resolve));
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it at once if it still runs. */
  async end(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
  }
}
