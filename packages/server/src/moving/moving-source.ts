import type { HeadFields } from '@tandem/store';
import type { MovedTransaction } from './moved-transaction.js';

/** Which transactions a pass goes over. */
export type Selection = 'finished' | 'unfinished';

/** A transaction that cannot be taken over, and why. */
export interface Unfit {
  readonly gid: string;
  readonly reason: string;
}

/** A few transactions of a source: first what is cheap to know of them, then those that are asked for. */
export interface SourcePage {
  readonly heads: readonly { readonly gid: string; readonly head: HeadFields }[];
  readonly unfit: readonly Unfit[];
  /** Bounded in bytes; without those that are gone by now. */
  load(gids: readonly string[]): AsyncIterable<readonly MovedTransaction[]>;
}

export interface MovedKeyValue {
  readonly category: string;
  readonly key: string;
  readonly value: string;
  readonly updatedAt: number;
}

/** Where they go. */
export interface MovingTarget {
  /** For messages; without a password. */
  readonly shown: string;
  readonly identity: string;
}

/** Where transactions come from. */
export interface MovingSource {
  /** For messages; without a password. */
  readonly shown: string;
  /** Whether finished transactions are known to have changed by their heads alone. */
  readonly headsTell: boolean;
  /** It holds nothing and nobody has ever used it: most likely not the one that was meant. */
  isUnused(): Promise<boolean>;
  /** What tells it from every other source, for as long as it exists. */
  identity(): Promise<string>;
  pages(selection: Selection): AsyncIterable<SourcePage>;
  keyValues(): AsyncIterable<MovedKeyValue>;
  /** Those of these gids that are there. */
  existing(gids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Rejects with `MovingRefused` where somebody works on it: its unfinished transactions must not move then. */
  checkIdle(): Promise<void>;
  /** Rejects with `MovingRefused` where it was moved or is being moved to somewhere else. */
  checkMovedTo(target: MovingTarget): Promise<void>;
  /** From now on no node starts on it (V1). Rejects as `checkMovedTo` does. */
  markMoving(to: MovingTarget): Promise<void>;
  /** Keeps everybody from running its unfinished transactions (V1). Rejects with `MovingRefused` where somebody does. */
  hold(): Promise<void>;
  /** Takes mark and hold back. */
  unmarkMoving(): Promise<void>;
  /** Rejects with `MovingRefused` where the move was called off since it was marked. */
  markMoved(to: MovingTarget): Promise<void>;
}

/** The copy must not go on; the message says why and what to do. */
export class MovingRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MovingRefused';
  }
}
