/**
 * Whose turn it is in the second phase of a TCC or XA, told by the rows alone: what is nested before what it is in; one after
 * the other in the type's order, where a branch that backs off lets those behind it go on.
 */
import type { BranchCall } from '@tandem/coordinator';
import type { LedgerRecord } from '../oracles/ledger.js';

export interface PhaseOrder {
  readonly registeredOp: 'try' | 'action';
  /** Whether the last registered branch comes first. */
  readonly isBackwards: boolean;
}

/** UTC ms by the slowest and by the fastest clock that the allowance admits. */
export interface Clocks {
  readonly earliest: number;
  readonly latest: number;
}

export interface DueCall {
  readonly branchId: string;
  readonly url: string;
}

/** Why a call is out of turn; undefined: it is not. */
export function turnProblem(
  record: LedgerRecord,
  { branchId, op }: BranchCall,
  order: PhaseOrder,
  { earliest }: Clocks,
): string | undefined {
  const turns = turnsOf(record, order);
  const own = turns.indexOf(branchId);
  const inside = turns.find((other) => isInside(other, branchId) && !record.hasSucceeded(other, op));
  if (inside !== undefined) return `${inside} is nested in it and not done`;
  const due = turns
    .slice(0, own)
    .find(
      (other) =>
        !record.hasSucceeded(other, op) && isReached(record, turns, other, op) && dueAt(record, other, op) <= earliest,
    );
  return due === undefined ? undefined : `it is the turn of ${due}, which is due`;
}

/** The branch that is to be called now, and where; undefined: there is none. */
export function dueCall(
  record: LedgerRecord,
  op: 'confirm' | 'cancel' | 'commit' | 'rollback',
  order: PhaseOrder,
  { earliest }: Clocks,
): DueCall | undefined {
  const turns = turnsOf(record, order);
  const branchId = turns.find(
    (branch) =>
      !record.hasSucceeded(branch, op) && isReached(record, turns, branch, op) && dueAt(record, branch, op) <= earliest,
  );
  if (branchId === undefined) return undefined;
  return { branchId, url: record.rowOf(branchId, order.registeredOp)?.registered?.urls[op] ?? '' };
}

function turnsOf(record: LedgerRecord, { registeredOp, isBackwards }: PhaseOrder): readonly string[] {
  const registered = record.branchesWith(registeredOp).map((branch) => ({
    branch,
    ordinal: record.rowOf(branch, registeredOp)?.registered?.ordinal ?? 0,
  }));
  const inOrder = registered.sort((one, other) => one.ordinal - other.ordinal).map(({ branch }) => branch);
  return isBackwards ? inOrder.reverse() : inOrder;
}

function isReached(record: LedgerRecord, turns: readonly string[], branch: string, op: string): boolean {
  return turns.every((other) => !isInside(other, branch) || record.hasSucceeded(other, op));
}

function isInside(inner: string, outer: string): boolean {
  return inner.length > outer.length && inner.startsWith(outer);
}

function dueAt(record: LedgerRecord, branch: string, op: string): number {
  return record.rowOf(branch, op)?.nextAttemptAt ?? 0;
}
