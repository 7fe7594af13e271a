/** The way between a transaction as the machines see it and as a store keeps it. */
import {
  decodeBody,
  decodeHeadState,
  decodeRow,
  encodeHeadState,
  encodeRow,
  rowKey,
  type BranchRow,
  type Gid,
  type GlobalStatus,
  type Head,
  type Transaction,
} from '@tandem/protocol';
import type { HeadFields, StoredHead, StoredRow, StoredTransaction } from '@tandem/store';

/** Reads a complete snapshot. */
export function readTransaction(stored: StoredTransaction): Transaction {
  const rows = new Map<string, BranchRow>();
  for (const row of stored.rows) {
    const decoded = decodeRow(row.branchId, row.op, row.value);
    rows.set(rowKey(decoded.branchId, decoded.op), decoded);
  }
  return { gid: stored.head.gid as Gid, definition: decodeBody(stored.body), head: readHead(stored.head), rows };
}

export function readHead(stored: StoredHead): Head {
  return {
    status: stored.status as GlobalStatus,
    isPaused: stored.isPaused,
    createdAt: stored.createdAt,
    updatedAt: stored.updatedAt,
    finishedAt: stored.finishedAt,
    state: decodeHeadState(stored.state),
  };
}

/** The head's fields as they are to be stored, due at `dueAt`. */
export function writeHead(tx: Transaction, dueAt: number | undefined, waitsFor: string): HeadFields {
  const { head } = tx;
  return {
    type: tx.definition.type,
    status: head.status,
    isPaused: head.isPaused,
    dueAt,
    waitsFor,
    createdAt: head.createdAt,
    updatedAt: head.updatedAt,
    finishedAt: head.finishedAt,
    state: encodeHeadState(head.state),
  };
}

export function writeRows(rows: readonly BranchRow[] | undefined): readonly StoredRow[] {
  if (rows === undefined) return [];
  return rows.map((row) => ({ branchId: row.branchId, op: row.op, value: encodeRow(row) }));
}
