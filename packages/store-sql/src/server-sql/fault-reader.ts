import type { StoreError } from '@tandem/store';

/** What a failed statement left behind. */
export type FaultEffect =
  /** Nothing: the engine rolled it back and says that the same may go through now (a deadlock, say). */
  | 'rolled back'
  /** The connection is gone; it may have been applied, or may yet be. */
  | 'unknown'
  /** Something else, that the same again at once does not mend. */
  | 'lasting';

/** Reads a driver's errors. One for each engine, the only place that knows its codes. */
export interface FaultReader {
  /** As the contract has it; without a password. */
  storeError(error: unknown): StoreError;
  effectOf(error: unknown): FaultEffect;
  /** The engine will never take what it was given, whoever asks and however often. */
  isRefusal(error: unknown): boolean;
}
