/**
 * The store contract in code: the shortest thing that keeps C1 to C8, and what every other store is compared with.
 * Nothing survives the process. Every change happens within one turn of the event loop.
 */
import { compareBytes } from './byte-order.js';
import { claimableAt } from './claimable-at.js';
import { MemoryKeyValues } from './memory-key-values.js';
import { decodePosition, encodePosition } from './scan-position.js';
import { StoreError } from './store-error.js';
import type {
  Backlog,
  BatchLimits,
  ClaimRequest,
  ClaimResult,
  CommitItem,
  CreateItem,
  KeyValue,
  KeyValuePage,
  LeaseChange,
  LoadDepth,
  PurgeResult,
  ScanFilter,
  ScanPage,
  Store,
  StoredHead,
  StoredRow,
  StoredTransaction,
  WakeFilter,
  WriteItem,
  WriteResult,
} from './store.js';

interface Entry {
  head: StoredHead;
  token: string;
  readonly body: string;
  readonly rows: Map<string, StoredRow>;
}

/** One change as it became true: the head and what else was written with it. */
export interface StoreChange {
  readonly head: StoredHead;
  /** Of the write that made it; a wake keeps the one before. */
  readonly token: string;
  readonly body: string;
  readonly rows: readonly StoredRow[];
}

/** Who watches is told in the turn in which something changes, before anybody else can know. */
export interface MemoryStoreWatch {
  changed(change: StoreChange): void;
  purged(gid: string): void;
}

/** A store in memory; see the file head. */
export class MemoryStore implements Store {
  readonly batchLimits: BatchLimits = { itemsMax: 256, bytesMax: 8 << 20, batchesMax: 1 };
  readonly #watch: MemoryStoreWatch | undefined;
  readonly #entries = new Map<string, Entry>();
  // What is unfinished, so that claims and counts do not walk over all that ever was.
  readonly #unfinished = new Map<string, Entry>();
  readonly #keyValues = new MemoryKeyValues();
  #isClosed = false;

  constructor(watch?: MemoryStoreWatch) {
    this.#watch = watch;
  }

  async migrate(): Promise<void> {
    await this.#open();
  }

  async write(items: readonly WriteItem[]): Promise<readonly WriteResult[]> {
    await this.#open();
    return items.map((item) => (item.kind === 'create' ? this.#create(item) : this.#commit(item)));
  }

  async load(gids: readonly string[], depth: LoadDepth): Promise<readonly (StoredTransaction | undefined)[]> {
    await this.#open();
    return gids.map((gid) => {
      const entry = this.#entries.get(gid);
      return entry === undefined ? undefined : snapshot(entry, depth);
    });
  }

  async claimDue(request: ClaimRequest): Promise<ClaimResult> {
    await this.#open();
    const isWanted = ({ head }: Entry): boolean => request.types?.includes(head.type) ?? true;
    const due = this.#claimable(request.now).filter(isWanted).slice(0, request.limit);
    for (const entry of due) {
      const { head } = entry;
      this.#change(entry, request.token, {
        ...head,
        version: head.version + 1,
        epoch: head.epoch + 1,
        leaseOwner: request.owner,
        leaseUntil: request.leaseUntil,
      });
      this.#tell(entry, []);
    }
    return { claimed: due.map((entry) => snapshot(entry, 'all')), nextAt: this.#nextClaimableAt(isWanted) };
  }

  async scan(filter: ScanFilter, cursor: string | undefined, limit: number): Promise<ScanPage> {
    await this.#open();
    const heads = [...this.#entries.values()].map((entry) => entry.head).sort(newestFirst);
    const after = cursor === undefined ? undefined : decodePosition(cursor);
    const rest = heads.filter((head) => (after === undefined || newestFirst(after, head) < 0) && matches(head, filter));
    const page = rest.slice(0, limit);
    const last = page.at(-1);
    const isMore = last !== undefined && rest.length > limit;
    const nextCursor = isMore ? encodePosition(last) : undefined;
    return { heads: page, nextCursor };
  }

  async wake(filter: WakeFilter, now: number, limit: number): Promise<number> {
    await this.#open();
    const waiting = [...this.#unfinished.values()]
      .filter(({ head }) => !head.isPaused && head.dueAt !== undefined && head.dueAt > filter.dueAfter)
      .filter(({ head }) => filter.waitsFor === undefined || head.waitsFor === filter.waitsFor)
      .sort((left, right) => (left.head.dueAt ?? 0) - (right.head.dueAt ?? 0))
      .slice(0, limit);
    for (const entry of waiting) {
      this.#change(entry, entry.token, { ...entry.head, dueAt: now, version: entry.head.version + 1 });
      this.#tell(entry, []);
    }
    return waiting.length;
  }

  async purge(finishedBefore: number, _cursor: string | undefined, limit: number): Promise<PurgeResult> {
    await this.#open();
    const old = [...this.#entries.values()].filter(
      ({ head }) => head.finishedAt !== undefined && head.finishedAt < finishedBefore,
    );
    const chosen = old.slice(0, limit);
    for (const { head } of chosen) {
      this.#entries.delete(head.gid);
      this.#watch?.purged(head.gid);
    }
    return { purged: chosen.length, nextCursor: old.length > limit ? 'more' : undefined };
  }

  async getKeyValue(category: string, key: string): Promise<KeyValue | undefined> {
    await this.#open();
    return this.#keyValues.get(category, key);
  }

  async putKeyValue(
    category: string,
    key: string,
    value: string,
    expectedVersion: number,
    now: number,
  ): Promise<boolean> {
    await this.#open();
    return this.#keyValues.put({ category, key, value }, expectedVersion, now);
  }

  async deleteKeyValue(category: string, key: string): Promise<boolean> {
    await this.#open();
    return this.#keyValues.delete(category, key);
  }

  async scanKeyValues(category: string, cursor: string | undefined, limit: number): Promise<KeyValuePage> {
    await this.#open();
    return this.#keyValues.scan(category, cursor, limit);
  }

  async backlog(now: number): Promise<Backlog> {
    await this.#open();
    const heads = [...this.#unfinished.values()].map((entry) => entry.head);
    return {
      unfinished: heads.length,
      overdue: this.#claimable(now).length,
      paused: heads.filter((head) => head.isPaused).length,
    };
  }

  async ping(): Promise<{ readonly engineNow: number | undefined }> {
    await this.#open();
    return { engineNow: undefined };
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  #open(): Promise<void> {
    if (this.#isClosed) return Promise.reject(new StoreError('closed', 'the store is closed'));
    return Promise.resolve();
  }

  #create(item: CreateItem): WriteResult {
    const stored = this.#entries.get(item.gid);
    if (stored !== undefined) return stored.token === item.token ? applied(stored) : { kind: 'exists' };
    const entry: Entry = {
      head: {
        ...item.head,
        gid: item.gid,
        version: 1,
        epoch: item.lease === undefined ? 0 : 1,
        leaseOwner: item.lease?.owner ?? '',
        leaseUntil: item.lease?.untilMs ?? 0,
      },
      token: item.token,
      body: item.body,
      rows: new Map(),
    };
    putRows(entry, item.rows);
    this.#entries.set(item.gid, entry);
    if (entry.head.finishedAt === undefined) this.#unfinished.set(item.gid, entry);
    this.#tell(entry, item.rows);
    return applied(entry);
  }

  #commit(item: CommitItem): WriteResult {
    const entry = this.#entries.get(item.gid);
    if (entry === undefined) return { kind: 'conflict' };
    if (entry.token === item.token) return applied(entry);
    const { head } = entry;
    if (head.version !== item.expectedVersion) return { kind: 'conflict' };
    this.#change(entry, item.token, {
      ...item.head,
      type: head.type,
      createdAt: head.createdAt,
      gid: head.gid,
      version: head.version + 1,
      epoch: item.lease.kind === 'take' ? head.epoch + 1 : head.epoch,
      ...leaseAfter(head, item.lease),
    });
    putRows(entry, item.rows);
    this.#tell(entry, item.rows);
    return applied(entry);
  }

  #tell({ head, token, body }: Entry, rows: readonly StoredRow[]): void {
    this.#watch?.changed({ head, token, body, rows });
  }

  #change(entry: Entry, token: string, head: StoredHead): void {
    entry.head = head;
    entry.token = token;
    if (head.finishedAt === undefined) this.#unfinished.set(head.gid, entry);
    else this.#unfinished.delete(head.gid);
  }

  #claimable(now: number): Entry[] {
    return [...this.#unfinished.values()]
      .map((entry) => ({ entry, at: claimableAt(entry.head, entry.head.leaseUntil) ?? Infinity }))
      .filter(({ at }) => at <= now)
      .sort((left, right) => left.at - right.at)
      .map(({ entry }) => entry);
  }

  #nextClaimableAt(isWanted: (entry: Entry) => boolean): number | undefined {
    let next: number | undefined;
    for (const entry of this.#unfinished.values()) {
      if (!isWanted(entry)) continue;
      const { head } = entry;
      const at = claimableAt(head, head.leaseUntil);
      if (at !== undefined && (next === undefined || at < next)) next = at;
    }
    return next;
  }
}

function applied({ head }: Entry): WriteResult {
  return { kind: 'applied', version: head.version, epoch: head.epoch };
}

function leaseAfter(head: StoredHead, change: LeaseChange): Pick<StoredHead, 'leaseOwner' | 'leaseUntil'> {
  switch (change.kind) {
    case 'keep':
      return { leaseOwner: head.leaseOwner, leaseUntil: head.leaseUntil };
    case 'renew':
      return { leaseOwner: head.leaseOwner, leaseUntil: change.untilMs };
    case 'release':
      return { leaseOwner: '', leaseUntil: 0 };
    case 'take':
      return { leaseOwner: change.owner, leaseUntil: change.untilMs };
  }
}

function putRows(entry: Entry, rows: readonly StoredRow[]): void {
  for (const row of rows) entry.rows.set(JSON.stringify([row.branchId, row.op]), row);
}

function snapshot(entry: Entry, depth: LoadDepth): StoredTransaction {
  return {
    head: entry.head,
    body: depth === 'head' ? '' : entry.body,
    rows: depth === 'all' ? [...entry.rows.values()] : [],
  };
}

type ScanPosition = Pick<StoredHead, 'createdAt' | 'gid'>;

function newestFirst(left: ScanPosition, right: ScanPosition): number {
  return right.createdAt - left.createdAt || compareBytes(right.gid, left.gid);
}

function matches(head: StoredHead, filter: ScanFilter): boolean {
  return (
    (filter.status === undefined || head.status === filter.status) &&
    (filter.type === undefined || head.type === filter.type) &&
    (filter.isPaused === undefined || head.isPaused === filter.isPaused) &&
    (filter.isFinished === undefined || (head.finishedAt !== undefined) === filter.isFinished) &&
    (filter.owner === undefined || head.leaseOwner === filter.owner) &&
    (filter.gidPrefix === undefined || head.gid.startsWith(filter.gidPrefix)) &&
    (filter.createdFrom === undefined || head.createdAt >= filter.createdFrom) &&
    (filter.createdBefore === undefined || head.createdAt < filter.createdBefore)
  );
}
