import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface ChildProcessOptions {
  /** The program. Default: this Node, and then the first argument is its script. */
  readonly file?: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Gets every line of its standard output. */
  readonly onLine: (line: string) => void;
}

/** How the parts of an example start a process. */
export type StartProcess = (options: Omit<ChildProcessOptions, 'cwd'>) => ExampleProcess;

/** Of the environment, only what a process needs to run: a setting meant for another coordinator must not get in. */
const inherited = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SYSTEMROOT', 'LANG'];

// Beside this file where that is built, which sources are not.
const endWithParent = new URL('../dist/end-with-parent.js', import.meta.url).href;

/** So much of what it said last on standard error is kept. */
const errorTextMax = 4_000;

/**
 * A process of an example. Its standard input stays open for as long as the example runs: Node's are made to end when it closes,
 * programs of other languages see to it themselves.
 */
export class ExampleProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #errorText = '';

  constructor({ file, args, cwd, env, onLine }: ChildProcessOptions) {
    const known = inherited.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    const [program, leading] = file === undefined ? [process.execPath, ['--import', endWithParent]] : [file, []];
    const child = spawn(program, [...leading, ...args], {
      cwd,
      env: { ...Object.fromEntries(known), ...env },
      stdio: 'pipe',
    });
    this.#child = child;
    this.#ended = new Promise((resolve) => child.once('close', () => resolve()));
    child.once('error', (error) => (this.#errorText += error.message));
    createInterface(child.stdout).on('line', onLine);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errorText = (this.#errorText + text).slice(-errorTextMax);
    });
  }

  get id(): number {
    return this.#child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves when it is gone, whatever ended it. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** What it said last on standard error. */
  get errorText(): string {
    return this.#errorText.trim();
  }

  /** Resolves like `ready`; rejects with what the process said if it ends before that. */
  async until<T>(what: string, ready: Promise<T>): Promise<T> {
    const ended = this.#ended.then((): never => {
      throw new Error(`the process ended before ${what}: ${this.errorText}`);
    });
    return Promise.race([ready, ended]);
  }

  /** SIGSTOP: it keeps its sockets and does nothing, until SIGCONT. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    if (this.isRunning) this.#child.kill(signal);
  }

  /** Sends the signal, unless it has ended; resolves when it is gone. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.isRunning) this.#child.kill(signal);
    await this.#ended;
  }
}
