import type { Gid, TransactionType } from '@tandem/protocol';
import type { StoredTransaction } from '@tandem/store';
import type { CoordinatorPolicy } from './coordinator-api.js';
import type { RunContext } from './run-context.js';
import { TransactionRun } from './transaction-run.js';

/** The runs of this node, at most one a gid, and how many of each type. */
export class RunningTransactions {
  readonly #byGid = new Map<Gid, TransactionRun>();
  readonly #typeOf = new Map<TransactionRun, TransactionType>();
  readonly #countOfType = new Map<TransactionType, number>();
  /** Places promised to transactions that are being created. */
  #reserved = 0;
  #whenFewer: (() => void)[] = [];
  /** Gids whose run has ended since the claim under way was sent: what that claim says of them may be old. */
  #endedSinceClaim = new Set<Gid>();

  get size(): number {
    return this.#byGid.size;
  }

  countOf(type: TransactionType): number {
    return this.#countOfType.get(type) ?? 0;
  }

  hasRoom(type: TransactionType, policy: CoordinatorPolicy): boolean {
    return this.size + this.#reserved < policy.runningMax && this.countOf(type) < policy.types[type].runningMax;
  }

  /** Keeps a place for a transaction that is about to be created; `unreserve` must follow. */
  reserve(type: TransactionType, policy: CoordinatorPolicy): boolean {
    if (!this.hasRoom(type, policy)) return false;
    this.#reserved += 1;
    this.#add(type, 1);
    return true;
  }

  unreserve(type: TransactionType): void {
    this.#reserved -= 1;
    this.#add(type, -1);
    this.#tellFewer();
  }

  /** The run of a gid, or a new one that has not begun. */
  open(gid: Gid, context: RunContext): { run: TransactionRun; isNew: boolean } {
    const known = this.#byGid.get(gid);
    if (known !== undefined) return { run: known, isNew: false };
    const run = new TransactionRun(gid, context);
    this.#byGid.set(gid, run);
    return { run, isNew: true };
  }

  /** Whether this node holds its lease. */
  holdsLeaseOf(gid: Gid): boolean {
    return this.#byGid.get(gid)?.holdsLease === true;
  }

  /** A claim is sent now. */
  claimBegins(): void {
    this.#endedSinceClaim = new Set();
  }

  /** Hands a claimed snapshot to its run. */
  adopt(stored: StoredTransaction, context: RunContext): void {
    const gid = stored.head.gid as Gid;
    context.recent.forget(gid);
    const { run, isNew } = this.open(gid, context);
    if (isNew && this.#endedSinceClaim.has(gid)) run.visit(undefined, undefined);
    else run.adopt(stored);
  }

  /** A run knows its type now. */
  began(run: TransactionRun, type: TransactionType): void {
    if (this.#typeOf.has(run)) return;
    this.#typeOf.set(run, type);
    this.#add(type, 1);
  }

  ended(run: TransactionRun): void {
    if (this.#byGid.get(run.gid) === run) this.#byGid.delete(run.gid);
    this.#endedSinceClaim.add(run.gid);
    const type = this.#typeOf.get(run);
    if (type !== undefined) {
      this.#typeOf.delete(run);
      this.#add(type, -1);
    }
    this.#tellFewer();
  }

  #tellFewer(): void {
    if (this.#whenFewer.length === 0) return;
    const waiting = this.#whenFewer;
    this.#whenFewer = [];
    for (const resolve of waiting) resolve();
  }

  /** Nothing runs, and nothing is being created that would. */
  get isQuiet(): boolean {
    return this.size === 0 && this.#reserved === 0;
  }

  /** Resolves when the next run ends; at once when it is quiet. */
  nextEnd(): Promise<void> {
    if (this.isQuiet) return Promise.resolve();
    return new Promise((resolve) => this.#whenFewer.push(resolve));
  }

  /** A snapshot, so that runs may end while it is walked. */
  all(): readonly TransactionRun[] {
    return [...this.#byGid.values()];
  }

  #add(type: TransactionType, change: number): void {
    this.#countOfType.set(type, this.countOf(type) + change);
  }
}
