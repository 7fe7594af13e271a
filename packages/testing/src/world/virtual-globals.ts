/**
 * What code of a world finds in place of the machine's: `Date` tells the world's time, and `console.error` goes into its story.
 * Everywhere else, and at the same time, both are the machine's.
 *
 * Timers stay real: what drivers and handlers wait for by themselves is real work, and virtual time waits for it.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

/** What code of a world is given. */
export interface Globals {
  /** UTC ms. */
  now(): number;
  /** What it printed as an error. */
  printed(line: string): void;
}

// One for all worlds: on Node 20 each one that was ever used makes every promise of the process dearer.
const given = new AsyncLocalStorage<Globals>();
const realDate = globalThis.Date;
let realError = console.error;
let worlds = 0;

const virtualDate: DateConstructor = new Proxy(realDate, {
  construct: (target, values: unknown[], newTarget) => {
    const globals = given.getStore();
    const from = values.length === 0 && globals !== undefined ? [globals.now()] : values;
    return Reflect.construct(target, from, newTarget === virtualDate ? target : newTarget) as Date;
  },
  apply: (target) => {
    const globals = given.getStore();
    return globals === undefined ? target() : new target(globals.now()).toString();
  },
  get: (target, name) => {
    if (name === 'now') return () => given.getStore()?.now() ?? target.now();
    return Reflect.get(target, name) as unknown;
  },
});

function virtualError(...values: unknown[]): void {
  const globals = given.getStore();
  if (globals === undefined) realError(...values);
  else globals.printed(values.map(String).join(' '));
}

/** Puts them in place; the answer takes them away again, with the last world. */
export function installVirtualGlobals(): () => void {
  worlds += 1;
  if (worlds === 1) {
    realError = console.error;
    globalThis.Date = virtualDate;
    console.error = virtualError;
  }
  return () => {
    worlds -= 1;
    if (worlds > 0) return;
    if (globalThis.Date === virtualDate) globalThis.Date = realDate;
    if (console.error === virtualError) console.error = realError;
  };
}

/** Runs code, and all that it begins, with these. */
export function withGlobals<T>(globals: Globals, code: () => T): T {
  return given.run(globals, code);
}

/** What the code that asks was given; undefined: it runs in no world. */
export function currentGlobals(): Globals | undefined {
  return given.getStore();
}
