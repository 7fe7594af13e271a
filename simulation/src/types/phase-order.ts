/**
 * Whose turn it is in the second phase of a TCC or XA, told by the rows alone: what is nested before what it is in; one after
 * the other in the type's order, where a branch that backs off lets those behind it go on. A branch that has become due since
 * the last change is not asked for: what follows from a change is done when it is durable, however long that takes.
 */
import type { BranchCall } from '@tandem/coordinator';
import type { LedgerRecord } from '../oracles/ledger.js';

export interface PhaseOrder {
  readonly registeredOp: 'try' | 'action';
  /** Whether the last registered branch comes first. */
  readonly isBackwards: boolean;
}

export interface DueCall {
  readonly branchId: string;
  /** It and those before it that are left, in their order. */
  readonly upTo: readonly { readonly url: string; readonly dueAt: number }[];
}

/** Why a call is out of turn; undefined: it is not. */
export function turnProblem(record: LedgerRecord, { branchId, op }: BranchCall, order: PhaseOrder): string | undefined {
  const turns = turnsOf(record, order);
  const own = turns.indexOf(branchId);
  const inside = turns.find((other) => isInside(other, branchId) && !record.hasSucceeded(other, op));
  if (inside !== undefined) return `${inside} is nested in it and not done`;
  const due = turns
    .slice(0, own)
    .find(
      (other) =>
        !record.hasSucceeded(other, op) &&
        isReached(record, turns, other, op) &&
        dueAt(record, other, op) <= record.head.updatedAt,
    );
  return due === undefined ? undefined : `it is the turn of ${due}, which is due`;
}

/** The branch that is to be called now, after those before it that are left; undefined: there is none. */
export function dueCall(
  record: LedgerRecord,
  op: 'confirm' | 'cancel' | 'commit' | 'rollback',
  order: PhaseOrder,
): DueCall | undefined {
  const turns = turnsOf(record, order);
  const left = turns.filter((branch) => !record.hasSucceeded(branch, op) && isReached(record, turns, branch, op));
  const own = left.findIndex((branch) => dueAt(record, branch, op) <= record.head.updatedAt);
  const branchId = left[own];
  if (branchId === undefined) return undefined;
  const upTo = left.slice(0, own + 1).map((branch) => ({
    url: record.rowOf(branch, order.registeredOp)?.registered?.urls[op] ?? '',
    dueAt: dueAt(record, branch, op),
  }));
  return { branchId, upTo };
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

function dueAt(record: LedgerRecord, branch: string, op: string): number {
  return record.rowOf(branch, op)?.nextAttemptAt ?? 0;
}
