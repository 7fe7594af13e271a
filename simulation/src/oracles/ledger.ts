/**
 * The truth, kept beside the store: every version of every transaction, as it became durable. What oracles ask.
 */
import { decodeBody, decodeHeadState, decodeRow, type BranchRow, type Definition } from '@tandem/protocol';
import type { StoreChange, StoredHead } from '@tandem/store';

/** The end of a transaction. */
export interface End {
  readonly status: string;
  readonly at: number;
  /** Who wrote it. */
  readonly owner: string;
}

export class LedgerRecord {
  readonly gid: string;
  readonly definition: Definition;
  head: StoredHead;
  /** World's time. */
  changedAt = 0;
  /** Whose write the last one was. */
  changedBy = '';
  pausedAt: number | undefined;
  pausedBy = '';
  end: End | undefined;
  isPurged = false;
  /** It was submitted, at some time. */
  wasSubmitted = false;
  /** It was rolling back, at some time. */
  wasAborting = false;
  /** It was ended by force: nothing was compensated or delivered. */
  isForced = false;
  /** Times that it was paused, and resumed. */
  switches = 0;
  /** Calls that went out, by branch and operation. */
  readonly called = new Map<string, number>();
  /** What was registered with it, as it was when it first became durable, in that order. */
  readonly registered = new Map<string, BranchRow>();
  /** The first registration that was durable and is another now. */
  replaced: string | undefined;
  readonly #rows = new Map<string, string>();
  readonly #decoded = new Map<string, BranchRow>();

  constructor({ head, body }: StoreChange) {
    this.gid = head.gid;
    this.head = head;
    this.definition = decodeBody(body);
  }

  putRows(rows: StoreChange['rows']): void {
    for (const row of rows) {
      const key = `${row.branchId} ${row.op}`;
      this.#rows.set(key, row.value);
      this.#decoded.delete(key);
      this.#noteRegistered(key, row.branchId, row.op);
    }
  }

  /** What is durably known of a branch operation; undefined: nothing has been stored. */
  rowOf(branchId: string, op: string): BranchRow | undefined {
    const key = `${branchId} ${op}`;
    const value = this.#rows.get(key);
    if (value === undefined) return undefined;
    const known = this.#decoded.get(key);
    if (known !== undefined) return known;
    const row = decodeRow(branchId, op, value);
    this.#decoded.set(key, row);
    return row;
  }

  /** The durable outcome of a branch operation; undefined: none has been stored. */
  statusOf(branchId: string, op: string): string | undefined {
    return this.rowOf(branchId, op)?.status;
  }

  /** Unclear answers so far; 0 where there is no row. */
  attemptsOf(branchId: string, op: string): number {
    return this.rowOf(branchId, op)?.attempts ?? 0;
  }

  /** The branches that have a row of this operation. */
  branchesWith(op: string): readonly string[] {
    const ending = ` ${op}`;
    return [...this.#rows.keys()].filter((key) => key.endsWith(ending)).map((key) => key.slice(0, -ending.length));
  }

  hasSucceeded(branchId: string, op: string): boolean {
    return this.statusOf(branchId, op) === 'succeed';
  }

  /** What was registered never changes; how its calls go is in rows of their own. */
  #noteRegistered(key: string, branchId: string, op: string): void {
    const before = this.registered.get(key);
    const row = this.rowOf(branchId, op);
    if (before === undefined) {
      if (row?.registered !== undefined) this.registered.set(key, row);
    } else if (JSON.stringify([row?.status, row?.registered]) !== JSON.stringify([before.status, before.registered])) {
      this.replaced ??= key;
    }
  }
}

/** All transactions that were ever stored, the purged ones too. */
export class Ledger {
  readonly records = new Map<string, LedgerRecord>();

  of(gid: string): LedgerRecord | undefined {
    return this.records.get(gid);
  }

  /** The record with a change taken in, and the head before it. */
  take(change: StoreChange, now: number): { readonly record: LedgerRecord; readonly before: StoredHead | undefined } {
    const { head, rows, token } = change;
    const known = this.records.get(head.gid);
    const record = known === undefined || known.isPurged ? new LedgerRecord(change) : known;
    const before = record === known ? known.head : undefined;
    this.records.set(head.gid, record);
    record.head = head;
    record.changedAt = now;
    record.changedBy = ownerOf(token);
    record.putRows(rows);
    record.wasSubmitted ||= head.status === 'submitted' || head.status === 'succeed';
    record.wasAborting ||= head.status === 'aborting';
    if (before !== undefined && before.isPaused !== head.isPaused) record.switches += 1;
    if (!head.isPaused) record.pausedAt = undefined;
    else if (record.pausedAt === undefined) {
      record.pausedAt = now;
      record.pausedBy = ownerOf(token);
    }
    if (head.finishedAt !== undefined && record.end === undefined) {
      record.end = { status: head.status, at: now, owner: ownerOf(token) };
      record.isForced = decodeHeadState(head.state).isForced;
    }
    return { record, before };
  }
}

/** Whose write it was: tokens begin with their owner's id. */
export function ownerOf(token: string): string {
  return token.slice(0, token.indexOf('-'));
}
