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

/** One mutation that does what all of them would do, one after the other. */
export function mergeMutations(mutations: readonly Mutation[]): Mutation {
  const [only] = mutations;
  if (mutations.length === 1 && only !== undefined) return only;
  let { status, isPaused, state }: Mutation = {};
  for (const mutation of mutations) {
    status = mutation.status ?? status;
    isPaused = mutation.isPaused ?? isPaused;
    if (mutation.state !== undefined) state = { ...state, ...mutation.state };
  }
  const rows = mergeRows(mutations.flatMap((mutation) => mutation.rows ?? []));
  const merged: { -readonly [Name in keyof Mutation]: Mutation[Name] } = {};
  if (status !== undefined) merged.status = status;
  if (isPaused !== undefined) merged.isPaused = isPaused;
  if (state !== undefined) merged.state = state;
  if (rows.length > 0) merged.rows = rows;
  return merged;
}

/** Of several rows of one key the last. By key: thousands of registrations can come in one commit. */
function mergeRows(rows: readonly BranchRow[]): readonly BranchRow[] {
  if (rows.length < 2) return rows;
  return [...new Map(rows.map((row) => [rowKey(row.branchId, row.op), row])).values()];
}
