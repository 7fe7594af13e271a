/**
 * The sub-transaction barrier: a participant runs each branch operation once, never a compensation without its action, and
 * never an action after its compensation, though calls repeat, get lost and overtake each other.
 *
 * In the same local transaction as the business change, two rows are inserted into `dtm_barrier.barrier` unless they exist:
 * first the origin (the operation that this one undoes), then the current one. How many rows each insert added decides.
 * The rows are DTM's, so services in other languages share the table. Nothing here touches a database.
 */

/** Which call a participant got; the query parameters of a branch call. */
export interface BarrierCall {
  readonly transType: string;
  readonly gid: string;
  readonly branchId: string;
  readonly op: string;
}

/** One row of `dtm_barrier.barrier`, unique by (gid, branch_id, op, barrier_id). */
export interface BarrierRow extends BarrierCall {
  /** Counts the barriers inside one call: `01`, `02`, ... */
  readonly barrierId: string;
  /** The operation that inserted the row. */
  readonly reason: string;
}

/** The rows of one barrier, to be inserted in this order unless they exist. */
export interface BarrierRows {
  /** Undefined where the operation undoes nothing: count it as 0 rows added. */
  readonly origin: BarrierRow | undefined;
  readonly current: BarrierRow;
}

/** How many rows each insert added. */
export interface BarrierInserts {
  readonly origin: number;
  readonly current: number;
}

/** Run the business change; or skip it and answer success; or (a message's local part) tell that it has been done. */
export type BarrierDecision =
  | { readonly kind: 'run' }
  | { readonly kind: 'skip'; readonly why: 'empty' | 'repeated' }
  | { readonly kind: 'duplicated' };

/** What each undoing operation undoes. */
const origins: Readonly<Record<string, string>> = {
  cancel: 'try',
  compensate: 'action',
  rollback: 'action',
};

/** The operation of a message's local transaction, on branch `00`. */
export const messageOp = 'msg';

/** The id of the `count`-th barrier inside one call, from 1. */
export function barrierIdOf(count: number): string {
  return String(count).padStart(2, '0');
}

/** The rows to insert for the `count`-th barrier inside one call, from 1. */
export function barrierRows(call: BarrierCall, count: number): BarrierRows {
  const { transType, gid, branchId, op } = call;
  const common = { transType, gid, branchId, barrierId: barrierIdOf(count), reason: op };
  const originOp = Object.hasOwn(origins, op) ? origins[op] : undefined;
  return { origin: originOp === undefined ? undefined : { ...common, op: originOp }, current: { ...common, op } };
}

/** What the inserts of `barrierRows` mean. */
export function decideBarrier(op: string, added: BarrierInserts): BarrierDecision {
  if (added.current === 0) return op === messageOp ? { kind: 'duplicated' } : { kind: 'skip', why: 'repeated' };
  // The origin was not there: what this operation would undo has never run, and now never will.
  if (added.origin > 0) return { kind: 'skip', why: 'empty' };
  return { kind: 'run' };
}
