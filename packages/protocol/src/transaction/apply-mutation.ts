import type { Mutation } from './machine.js';
import { isFinished, rowKey, type BranchRow, type Head, type Transaction } from './transaction.js';

/**
 * The transaction as it is after a mutation. Takes ownership of `tx`: its rows are updated in place, so that the cost
 * is that of the changed rows alone; the caller keeps only the answer.
 */
export function applyMutation(tx: Transaction, mutation: Mutation, now: number): Transaction {
  if (mutation.rows !== undefined) {
    // The map is handed over with the transaction; readonly is what everybody else sees.
    const rows = tx.rows as Map<string, BranchRow>;
    for (const row of mutation.rows) rows.set(rowKey(row.branchId, row.op), row);
  }
  return { gid: tx.gid, definition: tx.definition, head: headAfter(tx.head, mutation, now), rows: tx.rows };
}

function headAfter(head: Head, mutation: Mutation, now: number): Head {
  const status = mutation.status ?? head.status;
  const finished = isFinished(status);
  return {
    status,
    // What is finished waits for nobody, so it is not paused either.
    isPaused: !finished && (mutation.isPaused ?? head.isPaused),
    createdAt: head.createdAt,
    updatedAt: now,
    finishedAt: finished ? (head.finishedAt ?? now) : undefined,
    state: mutation.state === undefined ? head.state : { ...head.state, ...mutation.state },
  };
}

/** One mutation that does what `first` and then `second` would do. */
export function mergeMutations(first: Mutation, second: Mutation): Mutation {
  const status = second.status ?? first.status;
  const isPaused = second.isPaused ?? first.isPaused;
  const rows = mergeRows(first.rows, second.rows);
  const state = mergeState(first.state, second.state);
  return {
    ...(status === undefined ? undefined : { status }),
    ...(isPaused === undefined ? undefined : { isPaused }),
    ...(state === undefined ? undefined : { state }),
    ...(rows === undefined ? undefined : { rows }),
  };
}

function mergeState(first: Mutation['state'], second: Mutation['state']): Mutation['state'] {
  if (first === undefined) return second;
  return second === undefined ? first : { ...first, ...second };
}

function mergeRows(first: Mutation['rows'], second: Mutation['rows']): Mutation['rows'] {
  if (first === undefined || first.length === 0) return second;
  if (second === undefined || second.length === 0) return first;
  const merged = first.filter((row) => !second.some((later) => later.branchId === row.branchId && later.op === row.op));
  merged.push(...second);
  return merged;
}
