/**
 * The user's code that is at work: `run`, and each handler that is called.
 *
 * U1. A piece of code is at work, on a database say, unless it waits for something of the kit: then virtual time may pass.
 * U2. Whoever does several things at once, and waits for the kit with one of them, counts as waiting.
 * U3. A piece that neither ends nor asks the kit for anything for a while, when others wait for the kit, is taken to wait for them.
 */
import { setImmediate, setTimeout, clearTimeout } from 'node:timers';
import { never, type Place } from './place.js';
import { currentGlobals, withGlobals, type Globals } from './virtual-globals.js';

interface Piece extends Globals {
  readonly name: string;
  readonly place: Place;
  /** What it waits for of the kit. */
  waits: number;
  /** U3. */
  isPresumedWaiting: boolean;
  stop(): void;
}

/** The process, or the handler, was stopped in the middle. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/** U3: longer than a statement takes of a database on a busy machine, which must not pass for waiting. */
const graceMs = 2_000;
const turnsToSettle = 3;

export class UserCode {
  readonly #globals: Globals;
  readonly #pieces = new Set<Piece>();
  /** Those that have ended, too: what they began may go on. */
  readonly #known = new WeakMap<Globals, Piece>();
  #activity = 0;
  #told: (() => void)[] = [];

  constructor(globals: Globals) {
    this.#globals = globals;
  }

  /** Names of those that have not ended. */
  get atWork(): readonly string[] {
    return [...this.#pieces].map((piece) => piece.name);
  }

  /** Runs code; rejects with `Stopped` where its place dies, or it is stopped. */
  run<T>(name: string, place: Place, code: () => T | Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const end = (settle: () => void): void => {
        if (!this.#pieces.delete(piece)) return;
        forget();
        settle();
        this.#tell();
      };
      const stop = (): void => {
        end(() => reject(new Stopped(`${name} was stopped`)));
      };
      const piece: Piece = { ...this.#globals, name, place, waits: 0, isPresumedWaiting: false, stop };
      const forget = place.onDeath(stop);
      this.#pieces.add(piece);
      this.#known.set(piece, piece);
      const running = withGlobals(piece, async () => code());
      running.then(
        (value) => end(() => resolve(value)),
        (error: unknown) => end(() => reject(error instanceof Error ? error : new Error(String(error)))),
      );
    });
  }

  /** What the kit does for the code that asks: meanwhile virtual time may pass. */
  wait<T>(done: Promise<T>): Promise<T> {
    const piece = this.#current;
    if (piece === undefined) return done;
    piece.waits += 1;
    this.#tell();
    const over = (): void => {
      piece.waits -= 1;
      piece.isPresumedWaiting = false;
      this.#tell();
    };
    done.then(over, over);
    return done;
  }

  /** Ends the code that asks, as the death of its process would. */
  stopCurrent(): Promise<never> {
    this.#current?.stop();
    return never();
  }

  /** Where the code runs that asks; undefined: in no world. */
  get currentPlace(): Place | undefined {
    return this.#current?.place;
  }

  get currentName(): string {
    return this.#current?.name ?? '';
  }

  /** Resolves when nothing is at work: all that is left waits for time to pass. Rejects when that takes longer than `untilMs`. */
  async settled(untilMs: number): Promise<void> {
    for (;;) {
      const seen = this.#activity;
      for (let turn = 0; turn < turnsToSettle; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      const busy = [...this.#pieces].filter((piece) => piece.waits === 0 && !piece.isPresumedWaiting);
      if (busy.length === 0 && this.#activity === seen) return;
      if (busy.length === 0) continue;
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) throw new Error(`${busy.map((piece) => piece.name).join(', ')} did not end`);
      const others = [...this.#pieces].some((piece) => piece.waits > 0);
      const hasMoved = await this.#activityWithin(Math.min(leftMs, others ? graceMs : leftMs));
      if (!hasMoved && others) for (const piece of busy) piece.isPresumedWaiting = true;
    }
  }

  get #current(): Piece | undefined {
    const globals = currentGlobals();
    return globals && this.#known.get(globals);
  }

  #activityWithin(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ms);
      this.#told.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  #tell(): void {
    this.#activity += 1;
    for (const told of this.#told.splice(0)) told();
  }
}
