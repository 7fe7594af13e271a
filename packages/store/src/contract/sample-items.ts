import { deepEqual } from 'node:assert/strict';
import type { CommitItem, CreateItem, HeadFields, Store, StoredTransaction, WriteItem, WriteResult } from '../store.js';

/** The time at which the cases play, in ms. */
export const noon = 1_800_000_000_000;

let tokens = 0;

/** A token that nobody has used. */
export function newToken(): string {
  return `token-${++tokens}`;
}

/** A head of an unfinished transaction that is due at noon. */
export function headWith(fields: Partial<HeadFields> = {}): HeadFields {
  return {
    type: 'saga',
    status: 'submitted',
    isPaused: false,
    dueAt: noon,
    waitsFor: '',
    createdAt: noon,
    updatedAt: noon,
    finishedAt: undefined,
    state: '{"reason":""}',
    ...fields,
  };
}

/** A head of a transaction that finished at `at`. */
export function finishedHead(at: number, fields: Partial<HeadFields> = {}): HeadFields {
  return headWith({ status: 'succeed', dueAt: undefined, updatedAt: at, finishedAt: at, ...fields });
}

export function createOf(gid: string, parts: Partial<Omit<CreateItem, 'kind' | 'gid'>> = {}): CreateItem {
  return {
    kind: 'create',
    gid,
    token: newToken(),
    head: headWith(),
    body: `body of ${gid}`,
    rows: [],
    lease: undefined,
    ...parts,
  };
}

export function commitOf(
  gid: string,
  expectedVersion: number,
  parts: Partial<Omit<CommitItem, 'kind' | 'gid'>> = {},
): CommitItem {
  return {
    kind: 'commit',
    gid,
    token: newToken(),
    expectedVersion,
    head: headWith(),
    rows: [],
    lease: { kind: 'keep' },
    ...parts,
  };
}

/** Writes one item alone. */
export async function writeOne(store: Store, item: WriteItem): Promise<WriteResult> {
  const [result] = await store.write([item]);
  if (result === undefined) throw new Error('the store answered no result');
  return result;
}

/** Writes and demands that everything applies. */
export async function apply(store: Store, ...items: readonly WriteItem[]): Promise<void> {
  const results = await store.write(items);
  deepEqual(
    results.map((result) => result.kind),
    items.map(() => 'applied'),
  );
}

/** Everything of one transaction that must be there. */
export async function loadAll(store: Store, gid: string): Promise<StoredTransaction> {
  const [found] = await store.load([gid], 'all');
  if (found === undefined) throw new Error(`${gid} is not in the store`);
  return found;
}

/** Rows in an order of their own: stores promise none. */
export function sortedRows(transaction: StoredTransaction): readonly string[] {
  return transaction.rows.map((row) => `${row.branchId} ${row.op} ${row.value}`).sort();
}
