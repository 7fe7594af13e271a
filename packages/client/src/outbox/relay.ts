/**
 * Brings what an outbox holds to the coordinator, over and over until it is closed.
 *
 * L1. No transaction of the database is open while the coordinator is spoken to: rows are claimed for a while, by the database's clock.
 * L2. A row is deleted only after the coordinator has answered that it is durable there. Whatever dies in between, it is submitted
 *     again, and its gid makes that harmless.
 * L3. A submit is begun only if it ends before the lease does: so none is sent by two relays that both live.
 * L4. Nothing thrown ends it: it is reported, and tried again after a pause that grows.
 * L5. A row that was tried in vain lets others go first, whoever's fault it was: none blocks the rest.
 */
import type { Connection } from '../coordinator/connection.js';
import { deliver, type Delivery } from './deliver.js';
import type { ClaimedRow, ClaimEnd, OutboxRows } from './outbox-rows.js';
import { Pacing } from './pacing.js';
import type { ResolvedRelayOptions } from './relay-options.js';

/** A row that was tried in vain is tried again after 1 s, 2 s, 4 s... */
const firstRowPauseMs = 1_000;
const rowPauseMaxMs = 60_000;
/** How often the end of a claim is written again: a lost one has all of it submitted again after the lease. */
const endRepeats = 3;
const endPauseMs = 200;

type Deliveries = ReadonlyMap<ClaimedRow, Delivery>;

export class Relay {
  readonly #rows: OutboxRows<never>;
  readonly #connection: Connection;
  readonly #options: ResolvedRelayOptions;
  readonly #pacing: Pacing;
  readonly #ended: Promise<void>;

  constructor(rows: OutboxRows<never>, connection: Connection, options: ResolvedRelayOptions) {
    this.#rows = rows;
    this.#connection = connection;
    this.#options = options;
    this.#pacing = new Pacing(options);
    this.#ended = this.#run();
  }

  /** Something was sent from this process, and is about to be committed. */
  wake(): void {
    this.#pacing.wake();
  }

  /** Begins no further submit, and resolves when those that are on their way have ended. */
  close(): Promise<void> {
    this.#pacing.end();
    return this.#ended;
  }

  async #run(): Promise<void> {
    // Whoever made the relay goes on first.
    await Promise.resolve();
    while (!this.#pacing.isEnded) {
      try {
        await this.#round();
      } catch (error) {
        this.#report([error]);
        await this.#pacing.afterFailure();
      }
    }
  }

  /** Claims, submits, and says what became of it. After a failure, one row is enough to see whether it is over. */
  async #round(): Promise<void> {
    const { batchRows, leaseMs } = this.#options;
    const begunAt = performance.now();
    const rows = await this.#rows.claim(this.#pacing.isFailing ? 1 : batchRows, leaseMs);
    if (rows.length === 0) return this.#pacing.afterNothing();
    const deliveries = await this.#deliverAll(rows, begunAt + leaseMs);
    await this.#end(rows, deliveries);
    if (deliveries.size === 0 && !this.#pacing.isEnded) {
      throw new Error('the lease leaves no time for a submit: make it longer, the claim of rows took its rest');
    }
    const kinds = new Set([...deliveries.values()].map(({ kind }) => kind));
    const isFailed = kinds.has('unreachable') || (kinds.has('failed') && kinds.size === 1);
    if (isFailed) await this.#pacing.afterFailure();
    else this.#pacing.afterSuccess();
  }

  async #deliverAll(rows: readonly ClaimedRow[], leaseEndsAt: number): Promise<Deliveries> {
    const deliveries = new Map<ClaimedRow, Delivery>();
    const waiting = rows.values();
    const { timeoutMs } = this.#connection;
    // For a coordinator that gives no time limit of its own, as an embedded one.
    const signal = AbortSignal.timeout(Math.max(0, Math.ceil(leaseEndsAt - performance.now())));
    let isUnreachable = false;
    const isOver = (): boolean => isUnreachable || this.#pacing.isEnded || performance.now() + timeoutMs > leaseEndsAt;
    const worker = async (): Promise<void> => {
      for (const row of waiting) {
        if (isOver()) return;
        const delivery = await deliver(this.#connection, row, signal);
        deliveries.set(row, delivery);
        isUnreachable ||= delivery.kind === 'unreachable';
      }
    };
    await Promise.all(Array.from({ length: this.#options.concurrency }, worker));
    return deliveries;
  }

  async #end(rows: readonly ClaimedRow[], deliveries: Deliveries): Promise<void> {
    const parked = rows.flatMap((row) => {
      const delivery = deliveries.get(row);
      return delivery?.kind === 'refused' ? [{ row, reason: delivery.reason }] : [];
    });
    const inVain = rows.flatMap((row) => {
      const delivery = deliveries.get(row);
      return delivery !== undefined && 'error' in delivery ? [{ row, error: delivery.error }] : [];
    });
    await this.#written({
      submitted: rows.filter((row) => deliveries.get(row)?.kind === 'submitted'),
      released: rows.filter((row) => !deliveries.has(row)),
      postponed: inVain.map(({ row, error }) => ({ row, ms: rowPauseMs(row), reason: textOf(error) })),
      parked,
    });
    for (const { row, reason } of parked) {
      const { id, gid, earlier } = row;
      void guarded(() => this.#options.onParked({ id, gid, reason, attempts: earlier + 1 }));
    }
    this.#report(inVain.map(({ error }) => error));
  }

  async #written(end: ClaimEnd): Promise<void> {
    for (let repeat = 0; ; repeat += 1) {
      try {
        await this.#rows.end(end);
        return;
      } catch (error) {
        if (repeat === endRepeats) throw error;
        await new Promise((resolve) => setTimeout(resolve, endPauseMs * 2 ** repeat));
      }
    }
  }

  /** The first of several: what cannot be reached is so for each row. */
  #report(errors: readonly unknown[]): void {
    if (errors.length === 0 || !this.#pacing.mayReport()) return;
    void guarded(() => this.#options.onError(errors[0]));
  }
}

/** What a user's function throws, at once or by a promise, must end neither the relay nor the process (L4). */
async function guarded(call: () => unknown): Promise<void> {
  try {
    await call();
  } catch (error) {
    console.error('outbox: a callback of the relay threw:', error);
  }
}

function rowPauseMs({ earlier }: ClaimedRow): number {
  return Math.min(rowPauseMaxMs, firstRowPauseMs * 2 ** Math.min(20, earlier));
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
