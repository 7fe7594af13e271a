/**
 * What a run knows of its transaction: its state, what is durable of it, and how fresh that is. Asks nobody and writes nothing.
 *
 * K1. Replies of the store may overtake each other: what is older than what is known is not taken (R6 of transaction-run.ts).
 */
import {
  InvariantError,
  machineOf,
  type BranchRow,
  type Machine,
  type Transaction,
  type TransactionType,
} from '@tandem/protocol';
import type { StoredTransaction } from '@tandem/store';
import type { TypePolicy } from './coordinator-api.js';
import type { Durable } from './run-lease.js';
import { readTransaction } from './stored-transaction.js';

/** A transaction that has been read or created. */
export interface Subject {
  tx: Transaction;
  readonly machine: Machine;
  readonly defaults: TypePolicy;
  readonly durable: Durable;
}

/** A run that has neither written nor read for so long reads before it starts a call: somebody may have stopped it. */
const staleMs = 1_000;

export class KnownTransaction {
  readonly #owner: string;
  readonly #types: Readonly<Record<TransactionType, TypePolicy>>;
  #subject: Subject | undefined;
  /** A claim's snapshot that has not been looked at yet. */
  #claimed: StoredTransaction | undefined;
  /** When a write was applied or the state was read. */
  #freshAt = 0;
  /** What it was said to take when this run took it over, and the rows written since; undefined once it was read anew. */
  #bytes: number | undefined;
  #rowsWritten: BranchRow[] = [];

  /** `owner`: of the leases that this node holds. */
  constructor(owner: string, types: Readonly<Record<TransactionType, TypePolicy>>) {
    this.#owner = owner;
    this.#types = types;
  }

  /** Undefined until it has been read or created. */
  get subject(): Subject | undefined {
    return this.#subject;
  }

  /** For what a run does only after that. */
  expected(): Subject {
    if (this.#subject === undefined) throw new InvariantError('the run has no state yet');
    return this.#subject;
  }

  take(tx: Transaction, durable: Durable): Subject {
    const { type } = tx.definition;
    this.#subject = { tx, machine: machineOf(type), defaults: this.#types[type], durable };
    return this.#subject;
  }

  /** Takes what the store has just answered. */
  read(stored: StoredTransaction, now: number): Subject {
    const { version, epoch, dueAt, leaseUntil, leaseOwner } = stored.head;
    const isHeld = leaseOwner === this.#owner && leaseUntil > 0;
    this.#bytes = undefined;
    this.#rowsWritten = [];
    this.#freshAt = now;
    return this.take(readTransaction(stored), { version, epoch, dueAt, leaseUntil, isHeld });
  }

  /** Keeps a claim's snapshot until it can be looked at. */
  keepClaimed(stored: StoredTransaction): void {
    this.#claimed = stored;
  }

  /** The claim's snapshot, once; undefined where there is none, or what is known is newer (K1). */
  newerClaim(): StoredTransaction | undefined {
    const claimed = this.#claimed;
    this.#claimed = undefined;
    if (claimed === undefined || claimed.head.version <= (this.#subject?.durable.version ?? 0)) return undefined;
    return claimed;
  }

  /** It is known to be as stored at this time. */
  noteFresh(now: number): void {
    this.#freshAt = now;
  }

  isStale(now: number): boolean {
    return now - this.#freshAt >= staleMs;
  }

  /** What it is said to take in memory. */
  noteSize(bytes: number): void {
    this.#bytes = bytes;
  }

  /** Rows that are being written: they add to what the transaction takes. */
  noteRows(rows: readonly BranchRow[] | undefined): void {
    if (this.#bytes !== undefined && rows !== undefined) this.#rowsWritten.push(...rows);
  }

  /** What it was said to take, and the rows written since; undefined: unknown. */
  get size(): { readonly bytes: number; readonly rows: readonly BranchRow[] } | undefined {
    return this.#bytes === undefined ? undefined : { bytes: this.#bytes, rows: this.#rowsWritten };
  }
}
