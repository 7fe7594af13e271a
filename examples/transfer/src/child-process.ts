import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface NodeProcessOptions {
  /** The script and its arguments. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Gets every line of its standard output. */
  readonly onLine: (line: string) => void;
}

/** How the parts of the demonstration start a process. */
export type StartProcess = (options: Omit<NodeProcessOptions, 'cwd'>) => NodeProcess;

/** Of the environment, only what a process needs to run: a setting meant for another coordinator must not get in. */
const inherited = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SYSTEMROOT', 'LANG'];

const endWithParent = new URL('./end-with-parent.js', import.meta.url).href;

/** A Node process of the demonstration, which ends when the demonstration does. */
export class NodeProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #errorText = '';

  constructor({ args, cwd, env, onLine }: NodeProcessOptions) {
    const known = inherited.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    const child = spawn(process.execPath, ['--import', endWithParent, ...args], {
      cwd,
      env: { ...Object.fromEntries(known), ...env },
      stdio: 'pipe',
    });
    this.#child = child;
    this.#ended = new Promise((resolve) => child.once('close', () => resolve()));
    createInterface(child.stdout).on('line', onLine);
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#errorText += text));
  }

  get id(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves like `ready`; rejects with what the process said if it ends before that. */
  async until<T>(what: string, ready: Promise<T>): Promise<T> {
    const ended = this.#ended.then((): never => {
      throw new Error(`the process ended before ${what}: ${this.#errorText.trim()}`);
    });
    return Promise.race([ready, ended]);
  }

  /** Sends the signal, unless it has ended; resolves when it is gone. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const hasEnded = this.#child.exitCode !== null || this.#child.signalCode !== null;
    if (!hasEnded) this.#child.kill(signal);
    await this.#ended;
  }
}
