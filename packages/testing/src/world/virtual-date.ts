/**
 * `Date` for code that runs in a world: there it tells the world's time, and everywhere else the machine's.
 *
 * Timers stay real: what drivers and handlers wait for by themselves is real work, and virtual time waits for it.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

const worldTime = new AsyncLocalStorage<() => number>();
const realDate = globalThis.Date;
let worlds = 0;

const virtualDate: DateConstructor = new Proxy(realDate, {
  construct: (target, values: unknown[], newTarget) => {
    const now = worldTime.getStore();
    const given = values.length === 0 && now !== undefined ? [now()] : values;
    return Reflect.construct(target, given, newTarget === virtualDate ? target : newTarget) as Date;
  },
  apply: (target) => {
    const now = worldTime.getStore();
    return now === undefined ? target() : new target(now()).toString();
  },
  get: (target, name) => {
    if (name === 'now') return () => worldTime.getStore()?.() ?? target.now();
    return Reflect.get(target, name) as unknown;
  },
});

/** Puts it in place; the answer takes it away again, with the last world. */
export function installVirtualDate(): () => void {
  worlds += 1;
  globalThis.Date = virtualDate;
  return () => {
    worlds -= 1;
    if (worlds === 0 && globalThis.Date === virtualDate) globalThis.Date = realDate;
  };
}

/** Runs code, and all that it begins, by this time. */
export function byTimeOf<T>(now: () => number, code: () => T): T {
  return worldTime.run(now, code);
}
