/**
 * What must hold of each call in the moment in which it goes out.
 *
 * A node sees what another one wrote a second late at most (R7 of the runs), and the time that the store's reply took and
 * its own freezes come on top; what it wrote itself it knows.
 */
import type { Draw } from '../draw/draw.js';
import { epochMs } from '../nodes/node-clock.js';
import type { OpenCall } from '../nodes/node-caller.js';
import { typeModelOf } from '../types/type-models.js';
import type { VirtualTime } from '@tandem/coordinator/virtual-time';
import type { Ledger, LedgerRecord } from './ledger.js';
import type { Problems } from './problems.js';

const staleMs = 1_000;
const callsPerSecondMax = 60;

export class CallOracle {
  /** False once a clock has left the allowance: then leases promise nothing. */
  areClocksTrusted = true;
  readonly #draw: Draw;
  readonly #time: VirtualTime;
  readonly #ledger: Ledger;
  readonly #problems: Problems;
  readonly #open = new Map<string, OpenCall[]>();
  readonly #perTarget = new Map<string, number>();
  readonly #rates = new Map<string, { second: number; calls: number }>();

  constructor(draw: Draw, around: { time: VirtualTime; ledger: Ledger; problems: Problems }) {
    this.#draw = draw;
    this.#time = around.time;
    this.#ledger = around.ledger;
    this.#problems = around.problems;
  }

  opened(open: OpenCall): void {
    const { call } = open;
    const record = this.#ledger.of(call.gid);
    const name = `${call.gid} ${call.branchId} ${call.op}`;
    if (record === undefined) this.#problems.add('lost', `${name} is called and was never stored`);
    else this.#check(open, record, name);
    this.#checkRate(name);
    this.#checkOverlap(open, name);
    this.#count(open, 1);
  }

  closed(open: OpenCall): void {
    const key = branchOf(open);
    const left = (this.#open.get(key) ?? []).filter((other) => other !== open);
    if (left.length === 0) this.#open.delete(key);
    else this.#open.set(key, left);
    this.#count(open, -1);
  }

  #check(open: OpenCall, record: LedgerRecord, name: string): void {
    const { process, call } = open;
    const key = `${call.branchId} ${call.op}`;
    record.called.set(key, (record.called.get(key) ?? 0) + 1);
    const { head, end } = record;
    if (end !== undefined) {
      if (end.owner === process.name || !this.#mayBeUnseen(open, end.at)) {
        this.#problems.add('callAfterEnd', `${name} is called after the end (${end.status})`);
      }
      return;
    }
    if (record.pausedAt !== undefined) {
      if (record.pausedBy === process.name || !this.#mayBeUnseen(open, record.pausedAt)) {
        this.#problems.add('callWhilePaused', `${name} is called while paused`);
      }
      return;
    }
    if (!this.areClocksTrusted) return;
    const latestClock = epochMs + this.#time.now + this.#draw.policy.skewMs;
    if (head.leaseOwner !== process.name) {
      this.#problems.add(
        'callWithoutLease',
        `${name} is called by ${process.name}, ${head.leaseOwner || 'nobody'} has the lease`,
      );
    } else if (head.leaseUntil < latestClock) {
      this.#problems.add('callWithoutLease', `${name} is called when another clock may say that the lease is over`);
    }
    const problem = typeModelOf(call.transactionType).callProblem(record, call, {
      latestClock,
      mayPassOver: (url) => this.#hasShortQueues || process.targetsDown.has(`http://${hostOf(url)}`),
    });
    // What it wrote itself it knows.
    const isUnseen = record.changedBy !== process.name && this.#mayBeUnseen(open, record.changedAt);
    if (problem !== undefined && !isUnseen) {
      this.#problems.add('callNotAllowed', `${name}: ${problem}`);
    }
  }

  /** A target may have no room, which nobody is told of. */
  get #hasShortQueues(): boolean {
    return this.#draw.policy.queuePerTargetMax < 512;
  }

  /** Whether the caller may not have seen yet what another node wrote at `at`. */
  #mayBeUnseen({ process }: OpenCall, at: number): boolean {
    if (!this.areClocksTrusted) return true;
    const { slow, slowMs } = this.#draw.store;
    const lateMs = staleMs + (slow > 0 ? 2 * slowMs : 0);
    const now = this.#time.now;
    return now - at <= lateMs || now - process.disturbedAt <= lateMs;
  }

  #checkOverlap(open: OpenCall, name: string): void {
    const key = branchOf(open);
    const others = this.#open.get(key);
    if (others === undefined) {
      this.#open.set(key, [open]);
      return;
    }
    for (const { process, startedAt, call } of others) {
      // Who is dead, or was frozen since, may have lost its lease without being able to give its call up.
      const isSuspect = process.isDead || process.isFrozen || process.disturbedAt >= startedAt;
      if (isSuspect || !this.areClocksTrusted) continue;
      this.#problems.add(
        'overlap',
        `${name} is called while ${process.name} still waits for ${call.branchId} ${call.op}`,
      );
    }
    others.push(open);
  }

  #checkRate(name: string): void {
    const second = Math.floor(this.#time.now / 1_000);
    const rate = this.#rates.get(name);
    if (rate?.second !== second) this.#rates.set(name, { second, calls: 1 });
    else if ((rate.calls += 1) === callsPerSecondMax) {
      this.#problems.add('hot', `${name} is called ${String(callsPerSecondMax)} times in a second`);
    }
  }

  #count({ process, call }: OpenCall, change: number): void {
    const key = `${process.name} ${hostOf(call.url)}`;
    const count = (this.#perTarget.get(key) ?? 0) + change;
    this.#perTarget.set(key, count);
    if (count > this.#draw.policy.callsPerTargetMax) {
      this.#problems.add('unbounded', `${String(count)} calls of ${key} at once`);
    }
  }
}

function branchOf({ call }: OpenCall): string {
  return `${call.gid} ${call.branchId}`;
}

/** `http://h1/path` as `h1`. */
export function hostOf(url: string): string {
  const start = 'http://'.length;
  return url.slice(start, url.indexOf('/', start));
}
