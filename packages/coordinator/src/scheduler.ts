/**
 * Claims what is due and hands it to runs: what crashed, what waited, and what was handed over.
 *
 * S1. One claim is under way at a time; it takes no more than there is room for.
 * S2. It sleeps until the next due time that it knows of, but never longer than the claim interval, since other nodes add
 *     due work; a full claim is followed by the next one at once.
 * S3. A store fault delays the next claim and nothing else.
 * S4. What is due but held by another, say a writer that was cut off, it looks for again after a pause.
 * S5. What it left for want of room it looks for again as soon as runs end, and then takes many at a time.
 */
import type { StoredTransaction } from '@tandem/store';
import type { Clock } from './ports.js';

export interface SchedulerPorts {
  readonly clock: Clock;
  readonly claimIntervalMs: number;
  /** How many may be claimed now, and of which types (undefined: all have room). */
  room(): { readonly count: number; readonly types: readonly string[] | undefined };
  claim(
    limit: number,
    types: readonly string[] | undefined,
  ): Promise<{
    readonly claimed: readonly StoredTransaction[];
    readonly nextAt: number | undefined;
  }>;
  adopt(stored: StoredTransaction): void;
  fault(error: unknown): void;
}

const faultPauseMs = 500;
const heldPauseMs = 20;
/** After a run has ended: others end in the same moment, and one claim serves them all. */
const gatherMs = 3;

export class Scheduler {
  readonly #ports: SchedulerPorts;
  #isStopped = true;
  #isClaiming = false;
  #nextLookAt = Infinity;
  /** The last claim was for fewer than it could have been, because too much runs. */
  #isShortOfRoom = false;
  #cancelTimer: (() => void) | undefined;
  #idle: Promise<void> = Promise.resolve();

  constructor(ports: SchedulerPorts) {
    this.#ports = ports;
  }

  start(): void {
    this.#isStopped = false;
    this.#look();
  }

  /** Resolves when no claim is under way; none follows. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer?.();
    await this.#idle;
  }

  /** Something falls due at `time`: do not sleep beyond it. */
  notify(time: number): void {
    if (this.#isStopped || time >= this.#nextLookAt) return;
    this.#sleepUntil(time);
  }

  /** A run has ended. */
  roomFreed(): void {
    if (this.#isShortOfRoom) this.notify(this.#ports.clock.now() + gatherMs);
  }

  #sleepUntil(time: number): void {
    this.#nextLookAt = time;
    if (this.#isClaiming) return;
    this.#cancelTimer?.();
    this.#cancelTimer = this.#ports.clock.setTimer(Math.max(0, time - this.#ports.clock.now()), () => {
      this.#look();
    });
  }

  #look(): void {
    if (this.#isStopped || this.#isClaiming) return;
    this.#isClaiming = true;
    this.#cancelTimer?.();
    this.#nextLookAt = Infinity;
    this.#idle = this.#claim().then(
      (at) => {
        this.#isClaiming = false;
        if (!this.#isStopped) this.#sleepUntil(Math.min(at, this.#nextLookAt));
      },
      (error: unknown) => {
        this.#isClaiming = false;
        this.#ports.fault(error);
        if (!this.#isStopped) this.#sleepUntil(this.#ports.clock.now() + faultPauseMs);
      },
    );
  }

  /** One claim; answers when to look again. */
  async #claim(): Promise<number> {
    const { count, types } = this.#ports.room();
    this.#isShortOfRoom = count <= 0 || types !== undefined;
    if (count <= 0) return this.#ports.clock.now() + this.#ports.claimIntervalMs;
    const askedAt = this.#ports.clock.now();
    const { claimed, nextAt } = await this.#ports.claim(count, types);
    for (const stored of claimed) this.#ports.adopt(stored);
    const now = this.#ports.clock.now();
    if (claimed.length === count) return now;
    if (claimed.length === 0 && nextAt !== undefined && nextAt <= askedAt) return now + heldPauseMs;
    return Math.min(nextAt ?? Infinity, now + this.#ports.claimIntervalMs);
  }
}
