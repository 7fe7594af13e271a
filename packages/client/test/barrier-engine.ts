import type { Barrier, BarrierDatabase, BarrierResult } from '@tandem/client';

/** What the barrier cases need of an engine: one account table beside the barrier table, and two connections. */
export interface BarrierEngine {
  /** Adds to the balance through `barrier.transaction`; throws `error` after the write, if given. */
  add(barrier: Barrier, amount: number, error?: Error): Promise<BarrierResult<number>>;
  /** The same by `barrier.run` in a transaction that the engine begins, and then commits or rolls back. */
  addWithin(barrier: Barrier, amounts: readonly number[], end: 'commit' | 'rollback'): Promise<BarrierResult<number>[]>;
  /** `barrier.run` without a transaction. */
  runOutside(barrier: Barrier): Promise<unknown>;
  /** The back-check on a connection of its own. */
  backCheck(barrier: Barrier): Promise<'committed' | 'rolledBack' | 'open'>;
  /** Runs `meanwhile` while a local transaction of the barrier has written and is still open. */
  whileOpen(barrier: Barrier, end: 'commit' | 'rollback', meanwhile: () => Promise<void>): Promise<void>;
  /** Begins a transaction, reads the balance, runs `meanwhile`, and only then adds by `barrier.run`, and commits. */
  addStalled(barrier: Barrier, amount: number, meanwhile: () => Promise<void>): Promise<unknown>;
  readonly db: BarrierDatabase<unknown>;
  /** Makes the rows of this gid two days older. */
  age(gid: string): Promise<unknown>;
  balance(): Promise<number>;
  /** Every barrier row, as `branch_id op barrier_id reason`, in the order of insertion. */
  rows(gid: string): Promise<string[]>;
  close(): Promise<void>;
}
