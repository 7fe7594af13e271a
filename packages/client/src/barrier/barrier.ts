/**
 * The branch barrier: whatever the order and the number of calls, the work of a branch operation happens once, and not
 * at all where it would be wrong. It writes DTM's rows in the transaction of the business writes.
 *
 * - A repeated call finds its own row: the work is not done again.
 * - An undo whose action never happened inserts the action's row as well: the work is not done ("nothingToUndo")...
 * - ...and an action that arrives after its undo finds that row: the work is not done ("alreadyUndone").
 */
import { backCheckRow, barrierRows, decideBackCheck, decideBarrier, type BarrierRows } from '@tandem/protocol';
import type { BranchContext } from '../branch/branch-context.js';
import type { AsyncBarrierDatabase, BarrierDatabase, BarrierSession, SyncBarrierDatabase } from './barrier-database.js';
import { explained, skipped, told } from './barrier-results.js';
import { chain, type MaybePromise } from './maybe-promise.js';
import { isObject } from '../json.js';
import { checkFunction, invalidOption } from '../option-names.js';

/** Why the work was not done. All of them are a success of the branch. */
export type BarrierSkip = 'repeated' | 'nothingToUndo' | 'alreadyUndone';

/** What a barrier did: the work, with what it returned, or nothing. */
export type BarrierResult<T> =
  | {
      /** The work was done, now. */
      readonly done: true;
      /** What it returned. */
      readonly value: T;
    }
  | {
      /** The work was not done, and must not be. */
      readonly done: false;
      /** Why. */
      readonly skipped: BarrierSkip;
    };

/** Work for a synchronous driver: a promise would let other requests write into the open transaction. */
export type SynchronousWork<Tx, T> = (tx: Tx) => T extends PromiseLike<unknown> ? never : T;

/** The barrier of one branch call. May be used several times in the call: each use guards its own work. */
export class Barrier {
  /** Where the coordinator asks for the local transaction of a message; undefined in a branch. */
  readonly checkUrl: string | undefined;
  readonly #context: BranchContext;
  #uses = 0;

  constructor(context: BranchContext, checkUrl?: string) {
    this.#context = context;
    this.checkUrl = checkUrl;
  }

  /** Does the work inside the transaction that the caller has open; never commits, never rolls back. */
  run<Tx, T>(db: SyncBarrierDatabase<Tx>, work: SynchronousWork<Tx, T>): BarrierResult<T>;
  run<Tx, T>(db: AsyncBarrierDatabase<Tx>, work: (tx: Tx) => MaybePromise<T>): Promise<BarrierResult<T>>;
  run<Tx, T>(db: BarrierDatabase<Tx>, work: (tx: Tx) => MaybePromise<T>): MaybePromise<BarrierResult<T>> {
    const guarded = this.#guard(work);
    checkUse(db, work);
    return db.mode === 'sync' ? db.joined(guarded) : db.joined(guarded);
  }

  /** Begins a transaction, does the work, commits; rolls back and throws when the work throws. */
  transaction<Tx, T>(db: SyncBarrierDatabase<Tx>, work: SynchronousWork<Tx, T>): Promise<BarrierResult<T>>;
  transaction<Tx, T>(db: AsyncBarrierDatabase<Tx>, work: (tx: Tx) => MaybePromise<T>): Promise<BarrierResult<T>>;
  transaction<Tx, T>(db: BarrierDatabase<Tx>, work: (tx: Tx) => MaybePromise<T>): Promise<BarrierResult<T>> {
    checkUse(db, work);
    return db.transaction(this.#guard(work));
  }

  /**
   * Whether the local transaction of this call's message committed. Where it has not begun, it is kept from committing
   * later; while it is open, the answer is `open`.
   */
  backCheck(db: BarrierDatabase<unknown>): Promise<'committed' | 'rolledBack' | 'open'> {
    const row = backCheckRow(this.#context.gid);
    return db.check((session) =>
      chain(session.insert(row), () =>
        chain(session.reasonOf(row), (reason) => {
          const decision = decideBackCheck(reason);
          return decision === 'unknown' ? 'open' : decision;
        }),
      ),
    );
  }

  /** Whether any work has been given to it. */
  get isUsed(): boolean {
    return this.#uses > 0;
  }

  /** The rows of the next use in this call, for what keeps them elsewhere than in a table: they count as used. */
  nextRows(): BarrierRows {
    this.#uses += 1;
    return barrierRows(this.#context, this.#uses);
  }

  #guard<Tx, T>(work: (tx: Tx) => MaybePromise<T>): (session: BarrierSession<Tx>) => MaybePromise<BarrierResult<T>> {
    const { origin, current } = this.nextRows();
    return (session) =>
      chain(origin !== undefined && session.insert(origin), (isOriginNew) =>
        chain(session.insert(current), (isCurrentNew) => {
          const added = { origin: Number(isOriginNew), current: Number(isCurrentNew) };
          const decision = decideBarrier(this.#context.op, added);
          if (decision.kind === 'run') {
            return chain(work(session.tx), (value) =>
              chain(session.requireKept?.(current), () => told({ done: true, value })),
            );
          }
          if (decision.kind === 'skip' && decision.why === 'empty') return skipped('nothingToUndo');
          return chain(session.reasonOf(current), (reason) => explained(current, reason));
        }),
      );
  }
}

/** A pool or a connection itself has transactions of its own, without a barrier. */
function checkUse(db: unknown, work: unknown): void {
  const isDatabase = isObject(db) && 'mode' in db && 'transaction' in db;
  if (!isDatabase) {
    throw invalidOption('a barrier takes what pg(pool), mysql(pool) or the like made, not the database itself');
  }
  checkFunction('the work of a barrier', work);
}
