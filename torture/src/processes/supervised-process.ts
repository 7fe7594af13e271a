/**
 * One Node process that is started again whenever it ends, as a service manager would do it.
 *
 * P1. It is started again at once, unless it is held down or closed.
 * P2. An end that nobody caused is remembered: it is a crash, and a failure of the run.
 * P3. `close` leaves no process, not even a stopped one.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

export interface SupervisedOptions {
  readonly name: string;
  /** The script and its arguments. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Gets all of its standard output and standard error. */
  readonly logPath: string;
  readonly url: string;
  /** Answers 200 when it serves. */
  readonly readyPath: string;
}

/** Of the environment, only what a process needs to run: a setting meant for another coordinator must not get in. */
const inherited = ['PATH', 'HOME', 'TMPDIR', 'LANG'];
const endWithParent = new URL('./end-with-parent.js', import.meta.url).href;
const restartAfterMs = 50;
const pollMs = 10;
/** Limits are for what never comes: on a machine with twenty times the work that it can do, a start has taken half a minute. */
const serveTimeLimitMs = 120_000;
/** One question. Longer than a busy process takes for its answer; one that was killed meanwhile refuses at once. */
const answerTimeLimitMs = 10_000;
/** For an end in order, which waits up to 10 s for calls that are under way. */
const endTimeLimitMs = 60_000;

export class SupervisedProcess {
  readonly name: string;
  readonly url: string;
  /** What ended by itself, in sentences. */
  readonly crashes: string[] = [];
  readonly #options: SupervisedOptions;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #isClosed = false;
  #isHeld = false;
  #mayEnd = false;
  #starts = 0;

  constructor(options: SupervisedOptions) {
    this.#options = options;
    this.name = options.name;
    this.url = options.url;
  }

  /** How often it was started. */
  get starts(): number {
    return this.#starts;
  }

  start(): void {
    if (this.#isClosed || this.#isHeld) return;
    const { args, env, logPath } = this.#options;
    const known = inherited.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    const log = openSync(logPath, 'a');
    // A group of its own: Ctrl-C on the terminal reaches the run alone, which then ends everything in order.
    const child = spawn(process.execPath, ['--import', endWithParent, ...args], {
      env: { ...Object.fromEntries(known), ...env },
      stdio: ['pipe', log, log],
      detached: true,
    });
    closeSync(log);
    this.#starts += 1;
    this.#child = child;
    this.#ended = new Promise((resolve) => child.once('exit', () => resolve()));
    child.once('exit', (code, signal) => this.#onExit(child, code, signal));
  }

  /** Resolves when it has been started so often. */
  async untilStarted(starts: number): Promise<void> {
    while (this.#starts < starts && !this.#isClosed) await new Promise((resolve) => setTimeout(resolve, pollMs / 5));
  }

  /** Resolves when it serves; rejects with what is wrong when it does not. */
  async untilServing(): Promise<void> {
    const givenUpAt = performance.now() + serveTimeLimitMs;
    while (performance.now() < givenUpAt) {
      if (await this.isServing()) return;
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
    throw new Error(`${this.name} does not serve after ${String(serveTimeLimitMs)} ms; see ${this.#options.logPath}`);
  }

  async isServing(): Promise<boolean> {
    try {
      const response = await fetch(this.url + this.#options.readyPath, {
        signal: AbortSignal.timeout(answerTimeLimitMs),
      });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }

  /** kill -9; resolves when it is gone. It is started again unless it is held down. */
  async kill(): Promise<void> {
    await this.#endBy('SIGKILL');
  }

  /** Ends it in order; it is started again. An end that is not in order is a crash. */
  async restart(): Promise<void> {
    const child = this.#child;
    const timer = setTimeout(() => child?.kill('SIGKILL'), endTimeLimitMs);
    await this.#endBy('SIGTERM');
    clearTimeout(timer);
    if (child?.exitCode !== 0) this.crashes.push(`${this.name} did not stop in order`);
  }

  /** SIGSTOP: it keeps its sockets and its files, and does nothing. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** From now on it is not started again. */
  holdDown(): void {
    this.#isHeld = true;
  }

  /** Ends `holdDown`, and starts it if it is down. */
  release(): void {
    this.#isHeld = false;
    if (!this.#isRunning()) this.start();
  }

  /** While `mayEnd`, an end by itself is no crash: a coordinator whose disk is read-only refuses to start, rightly. */
  allowEnds(mayEnd: boolean): void {
    this.#mayEnd = mayEnd;
  }

  /** Ends it in order and for good, by force after a time; answers its exit code, undefined where a signal had to end it. */
  async close(patienceMs = endTimeLimitMs): Promise<number | undefined> {
    this.#isClosed = true;
    this.thaw();
    const child = this.#child;
    const timer = setTimeout(() => child?.kill('SIGKILL'), patienceMs);
    await this.#endBy('SIGTERM');
    clearTimeout(timer);
    return child?.exitCode ?? undefined;
  }

  async #endBy(signal: NodeJS.Signals): Promise<void> {
    if (!this.#isRunning()) return;
    const child = this.#child;
    const ended = this.#ended;
    // A child that is ended on purpose is no crash.
    child?.removeAllListeners('exit');
    const gone = new Promise<void>((resolve) => child?.once('exit', () => resolve()));
    child?.kill(signal);
    await Promise.race([gone, ended]);
    this.#startAgain();
  }

  #onExit(child: ChildProcess, code: number | null, signal: NodeJS.Signals | null): void {
    if (child !== this.#child) return;
    if (!this.#mayEnd && !this.#isClosed) {
      this.crashes.push(`${this.name} ended by itself (${signal ?? `exit code ${String(code)}`})`);
    }
    this.#startAgain();
  }

  #startAgain(): void {
    if (this.#isClosed || this.#isHeld) return;
    setTimeout(() => {
      if (!this.#isRunning()) this.start();
    }, restartAfterMs);
  }

  #isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }
}
