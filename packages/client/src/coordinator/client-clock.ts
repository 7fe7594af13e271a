/** Time as a client sees it: workflows sleep by it. A test kit brings its own. */
export interface ClientClock {
  /** UTC ms. */
  now(): number;
  /** Calls `fire` once, `delayMs` later. */
  setTimer(delayMs: number, fire: () => void): unknown;
}

/** The machine's. */
export const machineClock: ClientClock = {
  now: () => Date.now(),
  setTimer: (delayMs, fire) => setTimeout(fire, delayMs),
};
