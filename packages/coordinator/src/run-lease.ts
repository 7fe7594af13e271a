import type { LeaseChange } from '@tandem/store';
import type { RestingPlan } from './come-to-rest.js';

/** What this node knows of the durable record of a transaction. */
export interface Durable {
  version: number;
  epoch: number;
  dueAt: number | undefined;
  /** End of the lease as stored, 0 when nobody holds it. */
  leaseUntil: number;
  /** Whether this run holds the lease. */
  isHeld: boolean;
}

/** Which lease and due time go with a commit. */
export interface LeaseChoice {
  readonly lease: LeaseChange;
  readonly dueAt: number | undefined;
}

export const release: LeaseChange = { kind: 'release' };
const keep: LeaseChange = { kind: 'keep' };

/** What the holder of a lease knows when it commits. */
export interface HolderState {
  readonly durable: Durable;
  /** No call is out and none is queued. */
  readonly isIdle: boolean;
  readonly isClosing: boolean;
  readonly leaseMs: number;
}

/** The holder gives the lease back when there is nothing to do here now, and renews it in passing when half of it is over. */
export function leaseAsHolder(plan: RestingPlan, state: HolderState, now: number): LeaseChoice {
  const { durable, isIdle, leaseMs } = state;
  if (plan.kind === 'finished') return { lease: release, dueAt: undefined };
  if (plan.kind === 'paused' && isIdle) return { lease: release, dueAt: undefined };
  if (plan.kind === 'wait' && isIdle) return { lease: release, dueAt: plan.wakeAt };
  if (state.isClosing && isIdle) return { lease: release, dueAt: now };
  const isLate = durable.leaseUntil - now < leaseMs / 2;
  return {
    lease: isLate ? { kind: 'renew', untilMs: now + leaseMs } : keep,
    dueAt: Math.min(durable.dueAt ?? now, now),
  };
}

/** What a visitor knows when it commits. */
export interface VisitorState {
  readonly durable: Durable;
  readonly owner: string;
  readonly leaseMs: number;
  /** This node takes no more, or is shutting down. */
  readonly isFull: boolean;
}

/** Without the lease: take it when it is free and there is work, else leave the work to whoever holds or will hold it. */
export function leaseAsVisitor(plan: RestingPlan, state: VisitorState, now: number): LeaseChoice {
  if (plan.kind === 'finished') return { lease: release, dueAt: undefined };
  if (plan.kind === 'paused') return { lease: keep, dueAt: undefined };
  if (plan.kind === 'wait') return { lease: keep, dueAt: plan.wakeAt };
  const isFree = state.durable.leaseUntil <= now;
  if (!isFree || state.isFull) return { lease: keep, dueAt: now };
  return { lease: { kind: 'take', owner: state.owner, untilMs: now + state.leaseMs }, dueAt: now };
}

/** Writes what a commit did into what is known. */
export function noteApplied(durable: Durable, result: { version: number; epoch: number }, choice: LeaseChoice): void {
  durable.version = result.version;
  durable.epoch = result.epoch;
  durable.dueAt = choice.dueAt;
  if (choice.lease.kind === 'renew' || choice.lease.kind === 'take') {
    durable.leaseUntil = choice.lease.untilMs;
    durable.isHeld = true;
  } else if (choice.lease.kind === 'release') {
    durable.leaseUntil = 0;
    durable.isHeld = false;
  }
}
