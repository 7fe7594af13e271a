import type { Transcript } from '../transcript.js';

/** The kinds of what can be wrong: what a shrunk run must still show. */
export type ProblemKind =
  | 'afterEnd'
  | 'answer'
  | 'callAfterEnd'
  | 'callNotAllowed'
  | 'callWithoutLease'
  | 'callWhilePaused'
  | 'defect'
  | 'end'
  | 'hot'
  | 'leaseLost'
  | 'leak'
  | 'lost'
  | 'noWakeUp'
  | 'overlap'
  | 'purge'
  | 'replaced'
  | 'rest'
  | 'stuck'
  | 'unbounded'
  | 'version'
  | 'waits';

export interface Problem {
  readonly kind: ProblemKind;
  readonly text: string;
}

const keptMax = 20;

/** What was found wrong in one run. */
export class Problems {
  readonly list: Problem[] = [];
  readonly #transcript: Transcript;

  constructor(transcript: Transcript) {
    this.#transcript = transcript;
  }

  add(kind: ProblemKind, text: string): void {
    this.#transcript.say('!!', () => `${kind}: ${text}`);
    if (this.list.length < keptMax) this.list.push({ kind, text });
  }

  get any(): boolean {
    return this.list.length > 0;
  }
}
