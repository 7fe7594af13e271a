/**
 * Tells those who wait here for what another node runs. Nobody sends a word when a transaction ends elsewhere, so the store is
 * asked: for heads, of all of them in one load, and each less often the longer it takes.
 *
 * D1. One look is under way at a time; it asks for a bounded number of heads, and the next one leaves the store in peace for
 *     longer than this one took.
 * D2. What this node runs itself is not asked for.
 * D3. Who has waited longest for a look is looked at first: where there are more than looks reach at once, all are slower.
 */
import { machineOf, type Gid } from '@tandem/protocol';
import type { Store, StoredHead, StoredTransaction } from '@tandem/store';
import type { OutcomeWaiters } from './outcome-waiters.js';
import type { Clock } from './ports.js';
import { readTransaction } from './stored-transaction.js';

export interface DistantOutcomePorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly waiters: OutcomeWaiters;
  /** Whether this node holds its lease, and so tells of its end by itself. */
  readonly runsHere: (gid: Gid) => boolean;
  fault(error: unknown): void;
}

/** When a gid is looked at next, in ms of the steady clock, and what was seen of it last. */
interface Watched {
  lookAt: number;
  pauseMs: number;
  version: number;
}

const firstPauseMs = 50;
const pauseMsMax = 250;
const pauseFactor = 1.5;
const headsMax = 256;
/** Bodies can be large. */
const bodiesAtOnce = 16;

export class DistantOutcomes {
  readonly #ports: DistantOutcomePorts;
  #watched = new Map<Gid, Watched>();
  #isAtWork = false;
  #cancelTimer: (() => void) | undefined;

  constructor(ports: DistantOutcomePorts) {
    this.#ports = ports;
  }

  /** Somebody has begun to wait. */
  watch(): void {
    if (this.#isAtWork) return;
    this.#isAtWork = true;
    this.#later(firstPauseMs);
  }

  stop(): void {
    this.#isAtWork = true;
    this.#cancelTimer?.();
  }

  /**
   * Tells those who wait for it what this snapshot says: its outcome, or that nothing will happen for a while. Of what was
   * purged there is nothing to tell.
   */
  tell(stored: StoredTransaction | undefined): void {
    if (stored === undefined) return;
    const tx = readTransaction(stored);
    const outcome = machineOf(tx.definition.type).outcome(tx);
    if (outcome.kind !== 'open') this.#ports.waiters.settle(tx.gid, outcome);
    else this.#release(stored.head);
  }

  /** Of what is only prepared, the submit or abort that somebody waits for may still be on its way. */
  #release({ gid, status, leaseUntil, dueAt }: StoredHead): void {
    const { clock, waiters } = this.#ports;
    if (status !== 'prepared' && leaseUntil <= clock.now()) waiters.releaseBefore(gid as Gid, dueAt ?? Infinity);
  }

  #later(delayMs: number): void {
    this.#cancelTimer = this.#ports.clock.setTimer(delayMs, () => {
      const startedAt = this.#ports.clock.steady();
      void this.#look(startedAt)
        .catch((error: unknown) => {
          this.#ports.fault(error);
        })
        .then(() => {
          if (this.#watched.size === 0) this.#isAtWork = false;
          else this.#later(Math.max(firstPauseMs, (this.#ports.clock.steady() - startedAt) * 2));
        });
    });
  }

  async #look(now: number): Promise<void> {
    const { store, waiters, runsHere } = this.#ports;
    this.#watched = new Map(waiters.gids().map((gid) => [gid, this.#watched.get(gid) ?? begun(now)]));
    const due = [...this.#watched]
      .filter(([gid, { lookAt }]) => lookAt <= now && !runsHere(gid))
      .sort(([, one], [, other]) => one.lookAt - other.lookAt)
      .slice(0, headsMax);
    if (due.length === 0) return;
    for (const [, watched] of due) lookLater(watched, now);
    const found = await store.load(
      due.map(([gid]) => gid),
      'head',
    );
    const ended = due.filter(([, watched], index) => this.#mayHaveEnded(found[index]?.head, watched));
    for (let at = 0; at < ended.length; at += bodiesAtOnce) {
      const gids = ended.slice(at, at + bodiesAtOnce).map(([gid]) => gid);
      for (const stored of await store.load(gids, 'all')) this.tell(stored);
    }
  }

  /** A message may owe its caller an answer before its end: only its rows tell, and only after a change. */
  #mayHaveEnded(head: StoredHead | undefined, watched: Watched): boolean {
    if (head === undefined) return false;
    const isChanged = watched.version !== head.version;
    watched.version = head.version;
    if (head.finishedAt !== undefined || (head.type === 'msg' && isChanged)) return true;
    this.#release(head);
    return false;
  }
}

function begun(now: number): Watched {
  return { lookAt: now, pauseMs: firstPauseMs, version: 0 };
}

function lookLater(watched: Watched, now: number): void {
  watched.lookAt = now + watched.pauseMs;
  watched.pauseMs = Math.min(pauseMsMax, watched.pauseMs * pauseFactor);
}
