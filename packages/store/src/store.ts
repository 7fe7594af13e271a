/**
 * The store contract: what the coordinator needs of an engine, and all it may lean on.
 *
 * C1. Atomic per gid only: a head, its body and its rows change together or not at all. Items of one batch are
 *     independent; one item's conflict or refusal never fails another.
 * C2. Every change of a stored head (a commit, a claim, a wake) bumps its version by one; a new one has version 1. Only
 *     taking a lease (a create with a lease, a commit that takes, a claim) bumps the epoch; it starts from 0.
 * C3. A write whose token is the stored head's token has been applied before (its reply was lost) and reads as applied.
 * C4. `write` answers after what it wrote is durable. What `load`, `scan` and `claimDue` show is durable too.
 * C5. Due time and lease end are separate: making something due never steals it from who holds the lease.
 * C6. Not found, exists and conflict are values; `StoreError` is for faults. After a fault an item may or may not have
 *     been applied; writing it again with the same token is safe.
 * C7. Time is passed in, in whole UTC ms. Text is any string that `JSON.stringify` can give (so it holds no NUL character and
 *     no lone surrogate, which some engines cannot keep), and gids as `parseGid` lets through; gids compare as bytes.
 * C8. Stores know no transaction type: `type`, `status`, `state`, `body` and row values are opaque to them.
 */

/** The fields of a head that a writer sets. */
export interface HeadFields {
  /** Opaque, listed by `scan`. At most 16 characters. */
  readonly type: string;
  /** Opaque, listed by `scan`. At most 16 characters. */
  readonly status: string;
  readonly isPaused: boolean;
  /** When somebody should look at it next; undefined: never (finished, or paused). */
  readonly dueAt: number | undefined;
  /** The target whose answers it waits for, so that `wake` finds it; empty: none. At most 300 characters. */
  readonly waitsFor: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Set exactly when finished: it can be purged and is never claimed. */
  readonly finishedAt: number | undefined;
  /** Opaque small text. */
  readonly state: string;
}

/** A head as stored. */
export interface StoredHead extends HeadFields {
  readonly gid: string;
  readonly version: number;
  readonly epoch: number;
  /** Who holds or last held the lease; empty: nobody yet, or released. */
  readonly leaseOwner: string;
  /** When the lease ends; 0: no lease. The lease is free when `leaseUntil <= now`. */
  readonly leaseUntil: number;
}

/** One row, keyed by branch and operation within its gid. */
export interface StoredRow {
  readonly branchId: string;
  readonly op: string;
  /** Opaque text. */
  readonly value: string;
}

/** One transaction, a consistent snapshot. */
export interface StoredTransaction {
  readonly head: StoredHead;
  /** Opaque text, fixed at creation. Empty where the caller asked for heads alone. */
  readonly body: string;
  /** In no promised order. Empty where the caller did not ask for rows. */
  readonly rows: readonly StoredRow[];
}

/** Creates a transaction, or finds that the gid exists. */
export interface CreateItem {
  readonly kind: 'create';
  readonly gid: string;
  /** Unique to this write; at most 64 ASCII characters. */
  readonly token: string;
  readonly head: HeadFields;
  readonly body: string;
  readonly rows: readonly StoredRow[];
  /** Take the lease in the same write. */
  readonly lease: { readonly owner: string; readonly untilMs: number } | undefined;
}

/** What a commit does with the lease. */
export type LeaseChange =
  | { readonly kind: 'keep' }
  | { readonly kind: 'renew'; readonly untilMs: number }
  | { readonly kind: 'release' }
  | { readonly kind: 'take'; readonly owner: string; readonly untilMs: number };

/** Changes a transaction if its version is still the expected one. */
export interface CommitItem {
  readonly kind: 'commit';
  readonly gid: string;
  readonly token: string;
  readonly expectedVersion: number;
  /** `type` and `createdAt` are as stored and not written again. */
  readonly head: HeadFields;
  /** Inserted or replaced by their key; rows that are not named stay. */
  readonly rows: readonly StoredRow[];
  readonly lease: LeaseChange;
}

export type WriteItem = CreateItem | CommitItem;

/** What became of one item of a batch. */
export type WriteResult =
  | { readonly kind: 'applied'; readonly version: number; readonly epoch: number }
  /** A create found the gid taken. */
  | { readonly kind: 'exists' }
  /** A commit found another version, or nothing. */
  | { readonly kind: 'conflict' }
  /** The engine will never take this item (say, too large for it); the rest of the batch is not harmed. */
  | { readonly kind: 'refused'; readonly reason: string };

/** How much of each transaction `load` brings. */
export type LoadDepth = 'head' | 'body' | 'all';

export interface ClaimRequest {
  readonly now: number;
  readonly limit: number;
  /** Only transactions of these types; undefined: of any. */
  readonly types?: readonly string[] | undefined;
  readonly owner: string;
  readonly leaseUntil: number;
  /** The token that the claim writes into each head it takes, unique to this request; at most 64 ASCII characters. */
  readonly token: string;
}

export interface ClaimResult {
  /**
   * Those first that could be claimed first (per shard), that is by the later of due time and lease end; complete
   * snapshots, the lease already taken. A store may take fewer than the limit, to bound what it answers: `nextAt` tells.
   */
  readonly claimed: readonly StoredTransaction[];
  /**
   * The earliest time at which anything can be claimed after this claim, the leases just taken included; undefined:
   * nothing waits.
   */
  readonly nextAt: number | undefined;
}

/** Filters are joined by "and"; undefined members do not filter. */
export interface ScanFilter {
  readonly status?: string;
  readonly type?: string;
  readonly isPaused?: boolean;
  readonly isFinished?: boolean;
  readonly owner?: string;
  readonly gidPrefix?: string;
  /** `createdAt >= createdFrom`. */
  readonly createdFrom?: number;
  /** `createdAt < createdBefore`. */
  readonly createdBefore?: number;
}

export interface ScanPage {
  /** Newest first by (createdAt, gid). A page may hold fewer than the limit, even none, and still have a next. */
  readonly heads: readonly StoredHead[];
  /** Opaque; undefined: the end. */
  readonly nextCursor: string | undefined;
}

/** Which unfinished, unpaused transactions to make due at once; filters are joined by "and". */
export interface WakeFilter {
  /** Those with this `waitsFor`. */
  readonly waitsFor?: string;
  /** Those due later than this. */
  readonly dueAfter: number;
}

export interface KeyValue {
  readonly category: string;
  readonly key: string;
  readonly value: string;
  /** 1 for a new key, and never lower for a key that was deleted and created again. */
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface KeyValuePage {
  /** By key, ascending in byte order. */
  readonly items: readonly KeyValue[];
  readonly nextCursor: string | undefined;
}

export interface PurgeResult {
  readonly purged: number;
  /** Pass it on to go on; undefined: this sweep is through. */
  readonly nextCursor: string | undefined;
}

/** Batches that suit an engine; `GroupCommit` keeps to them. */
export interface BatchLimits {
  /** Most items in one batch. */
  readonly itemsMax: number;
  /** Most bytes in one batch, estimated by the length of its texts; a larger item goes alone. */
  readonly bytesMax: number;
  /** Most batches under way at once. More than one helps where a round trip is long, never an embedded store. */
  readonly batchesMax: number;
}

/** See the file head for the invariants C1 to C8. Every method rejects with `StoreError` on a fault. */
export interface Store {
  /** How large batches are best, and how many at once. */
  readonly batchLimits: BatchLimits;
  /** Brings the schema up to date; safe from many processes at once. Must have been called before any other verb. */
  migrate(): Promise<void>;
  /**
   * Creates and commits; one result per item, in order. One round trip (per shard) and one sync for the batch. No gid may
   * occur twice in a batch, or in two batches at once: `GroupCommit` sees to both.
   */
  write(items: readonly WriteItem[]): Promise<readonly WriteResult[]>;
  /** One snapshot or undefined per gid, in order. */
  load(gids: readonly string[], depth: LoadDepth): Promise<readonly (StoredTransaction | undefined)[]>;
  /** Takes the leases of due, unfinished, unpaused transactions whose lease is free. Each goes to one claimant. */
  claimDue(request: ClaimRequest): Promise<ClaimResult>;
  /**
   * Heads by filter; bounded work a page. `limit` is at most 1,000. Rejects with `TandemError` INVALID_REQUEST for a cursor that
   * is not this store's: a listing must not begin anew without anybody noticing.
   */
  scan(filter: ScanFilter, cursor: string | undefined, limit: number): Promise<ScanPage>;
  /**
   * Makes up to `limit` waiting transactions due `now`, earliest due first; answers how many it changed. The lease stays,
   * the version is bumped, so a commit that was decided before the wake is a conflict and decided again.
   */
  wake(filter: WakeFilter, now: number, limit: number): Promise<number>;
  /** Deletes finished transactions with `finishedAt < finishedBefore`; looks at no more than `limit`. */
  purge(finishedBefore: number, cursor: string | undefined, limit: number): Promise<PurgeResult>;
  getKeyValue(category: string, key: string): Promise<KeyValue | undefined>;
  /** Writes if the stored version is `expectedVersion` (0: the key does not exist); answers whether it did. */
  putKeyValue(category: string, key: string, value: string, expectedVersion: number, now: number): Promise<boolean>;
  /** Deletes the key; answers whether it was there. */
  deleteKeyValue(category: string, key: string): Promise<boolean>;
  scanKeyValues(category: string, cursor: string | undefined, limit: number): Promise<KeyValuePage>;
  /** How many transactions are unfinished, for metrics and health. Its work grows with their number. */
  backlog(now: number): Promise<Backlog>;
  /** Answers when the engine does, with the engine's clock where it has one of its own. Rejects when writes fail. */
  ping(): Promise<{ readonly engineNow: number | undefined }>;
  /** Finishes what is under way, then closes. Idempotent. */
  close(): Promise<void>;
}

export interface Backlog {
  readonly unfinished: number;
  /** Those that could be claimed now. */
  readonly overdue: number;
  readonly paused: number;
}
