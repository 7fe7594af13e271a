/**
 * What this node knew last of transactions that are prepared and run nowhere: the next verb of a caller who registers branches
 * or records steps need not read them again, so that step 1,000 costs what step 10 did.
 *
 * Only a hint: a verb that begins with it and finds that it is old conflicts, and reads. An entry is never used for longer than
 * half the retention, or a gid could have been purged and created anew, with a version that fits by chance.
 */
import type { BranchRow, Gid, Transaction } from '@tandem/protocol';
import type { Clock } from './ports.js';
import type { Durable } from './run-lease.js';

export interface RecentTransaction {
  readonly tx: Transaction;
  readonly durable: Durable;
}

interface Entry extends RecentTransaction {
  readonly since: number;
  readonly bytes: number;
}

const entriesMax = 4_096;
const bytesMax = 64 * 1024 * 1024;
const ageMsMax = 60_000;
/** What an object takes beside its texts, about: a row is two or three of them. */
const objectBytes = 150;

export class RecentTransactions {
  // In the order of last use: the first is forgotten first.
  readonly #entries = new Map<Gid, Entry>();
  readonly #clock: Clock;
  readonly #ageMsMax: number;
  #bytes = 0;

  constructor(clock: Clock, retentionMs: number) {
    this.#clock = clock;
    this.#ageMsMax = retentionMs > 0 ? Math.min(ageMsMax, retentionMs / 2) : ageMsMax;
  }

  /** Keeps a transaction as it is durable now. `known`: what was taken before, if it was, and the rows written since. */
  remember(
    recent: RecentTransaction,
    known: { readonly bytes: number; readonly rows: readonly BranchRow[] } | undefined,
  ): void {
    const { gid } = recent.tx;
    this.forget(gid);
    const bytes = known === undefined ? sizeOf(recent.tx) : known.bytes + sizeOf(known.rows);
    // Read for every verb, what is so large costs more than all that it would displace: only half of it is too much.
    if (bytes > bytesMax / 2) return;
    this.#entries.set(gid, { tx: recent.tx, durable: recent.durable, since: this.#clock.now(), bytes });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= entriesMax && this.#bytes <= bytesMax) break;
      this.forget(oldest);
    }
  }

  /** Looks without taking: only what never changes may be read, since a run may take it. */
  definitionOf(gid: Gid): Transaction['definition'] | undefined {
    return this.#fresh(gid)?.tx.definition;
  }

  /** Hands an entry over to a run, which owns its rows from now on. */
  take(gid: Gid): (RecentTransaction & { readonly bytes: number }) | undefined {
    const entry = this.#fresh(gid);
    this.forget(gid);
    return entry;
  }

  forget(gid: Gid): void {
    const entry = this.#entries.get(gid);
    if (entry === undefined) return;
    this.#entries.delete(gid);
    this.#bytes -= entry.bytes;
  }

  #fresh(gid: Gid): Entry | undefined {
    const entry = this.#entries.get(gid);
    return entry !== undefined && this.#clock.now() - entry.since <= this.#ageMsMax ? entry : undefined;
  }
}

/** About what a value takes in memory: its texts and bytes, wherever they are in it, and something for each object. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return 2 * value.length;
  if (value instanceof Uint8Array) return objectBytes + value.length;
  if (typeof value !== 'object' || value === null) return 0;
  const entries = value instanceof Map ? [...value.values()] : Object.values(value);
  return entries.reduce<number>((sum, entry) => sum + sizeOf(entry), objectBytes);
}
