/**
 * Whose turn it is in the second phase of a TCC or XA, told by the rows alone: what is nested before what it is in; one after
 * the other in the type's order, where a branch that backs off lets those behind it go on. A branch that has become due since
 * the last change is not asked for: what follows from a change is done when it is durable, however long that takes.
 */
import type { BranchCall } from '@tandem/coordinator';
import type { CallMoment } from './type-model.js';
import type { LedgerRecord } from '../oracles/ledger.js';

export interface PhaseOrder {
  readonly registeredOp: 'try' | 'action';
  /** Whether the last registered branch comes first. */
  readonly isBackwards: boolean;
}

export interface DueCall {
  readonly branchId: string;
  readonly url: string;
  /** When it became due, in UTC ms; 0: with the decision. */
  readonly dueAt: number;
}

type PhaseOp = 'confirm' | 'cancel' | 'commit' | 'rollback';

/** Why a call is out of turn; undefined: it is not. A branch whose target cannot be called is passed over. */
export function turnProblem(
  record: LedgerRecord,
  { branchId, op }: BranchCall,
  order: PhaseOrder,
  { mayPassOver }: CallMoment,
): string | undefined {
  const turns = turnsOf(record, order);
  const inside = turns.find((other) => isInside(other, branchId) && !record.hasSucceeded(other, op));
  if (inside !== undefined) return `${inside} is nested in it and not done`;
  const own = turns.indexOf(branchId);
  const due = callsLeft(record, op as PhaseOp, order).find(
    (other) => turns.indexOf(other.branchId) < own && isDue(record, other) && !mayPassOver(other.url),
  );
  return due === undefined ? undefined : `it is the turn of ${due.branchId}, which is due`;
}

/** The calls that are left and may be made as soon as they are due, in their order. */
export function callsLeft(record: LedgerRecord, op: PhaseOp, order: PhaseOrder): readonly DueCall[] {
  const turns = turnsOf(record, order);
  return turns
    .filter((branch) => !record.hasSucceeded(branch, op) && isReached(record, turns, branch, op))
    .map((branch) => ({
      branchId: branch,
      url: record.rowOf(branch, order.registeredOp)?.registered?.urls[op] ?? '',
      dueAt: record.rowOf(branch, op)?.nextAttemptAt ?? 0,
    }));
}

/** By the last change, in which somebody looked. */
export function isDue({ head }: LedgerRecord, { dueAt }: DueCall): boolean {
  return dueAt <= head.updatedAt;
}

/** In the order in which the registrations became durable. */
function turnsOf(record: LedgerRecord, { registeredOp, isBackwards }: PhaseOrder): readonly string[] {
  const branches = [...record.registered.values()]
    .filter(({ op }) => op === registeredOp)
    .map(({ branchId }) => branchId);
  return isBackwards ? branches.reverse() : branches;
}

function isReached(record: LedgerRecord, turns: readonly string[], branch: string, op: string): boolean {
  return turns.every((other) => !isInside(other, branch) || record.hasSucceeded(other, op));
}

function isInside(inner: string, outer: string): boolean {
  return inner.length > outer.length && inner.startsWith(outer);
}
