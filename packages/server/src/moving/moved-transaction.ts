import { createHash } from 'node:crypto';
import type { HeadFields, StoredRow, StoredTransaction } from '@tandem/store';

/** A transaction as it is to lie in another store: without version, epoch, token and lease, which begin there anew. */
export interface MovedTransaction {
  readonly gid: string;
  readonly head: HeadFields;
  readonly body: string;
  readonly rows: readonly StoredRow[];
}

/** What moves of a snapshot. Its lease does not: whoever held it serves another store. */
export function movedOf({ head, body, rows }: StoredTransaction): MovedTransaction {
  return { gid: head.gid, head: headFieldsOf(head), body, rows };
}

/** The fields of a head that a writer sets, and no others. */
export function headFieldsOf(head: HeadFields): HeadFields {
  const { type, status, isPaused, dueAt, waitsFor, createdAt, updatedAt, finishedAt, state } = head;
  return { type, status, isPaused, dueAt, waitsFor, createdAt, updatedAt, finishedAt, state };
}

/** Whether two heads are the same to whoever reads them. */
export function isSameHead(one: HeadFields, other: HeadFields): boolean {
  return headText(one) === headText(other);
}

/** SHA-256 of all that moves, in hexadecimal. Rows have no order in a store, so theirs does not count. */
export function digestOf({ gid, head, body, rows }: MovedTransaction): string {
  const hash = createHash('sha256').update(JSON.stringify([gid, headText(head), body]));
  const texts = rows.map(({ branchId, op, value }) => JSON.stringify([branchId, op, value]));
  for (const text of texts.sort()) hash.update(text);
  return hash.digest('hex');
}

/** Roughly what it takes in memory, in bytes. */
export function sizeOf({ body, head, rows }: MovedTransaction): number {
  return 300 + body.length + head.state.length + rows.reduce((sum, { value }) => sum + value.length, 0);
}

function headText({ type, status, isPaused, dueAt, waitsFor, createdAt, updatedAt, finishedAt, state }: HeadFields) {
  return JSON.stringify([type, status, isPaused, dueAt, waitsFor, createdAt, updatedAt, finishedAt, state]);
}
