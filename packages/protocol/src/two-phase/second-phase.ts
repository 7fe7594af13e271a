/**
 * The calls of a decided TCC or XA: every registered branch, in the order in which they are made.
 *
 * P1. One after the other while they answer: the first that is due is called. One that backs off lets those behind it go on.
 * P2. A branch that was registered inside another (`0101` in `01`) is done before that other is called.
 */
import type { Operation } from '../transaction/due-calls.js';
import {
  isRegistered,
  rowKey,
  type BranchRow,
  type RegisteredRow,
  type Transaction,
} from '../transaction/transaction.js';
import type { TwoPhaseKind } from './two-phase-kind.js';

type Rows = ReadonlyMap<string, BranchRow>;

export interface PhaseCall extends Operation {
  /** Keys of the calls that must have succeeded before. */
  readonly after: readonly string[];
  /** How many of `after`, from the first, are known to have succeeded. */
  reached: number;
}

/**
 * Derived from the rows and kept beside them: after the decision nothing is registered any more, and what is done stays done, so
 * that what was passed over once is not looked at again: a plan costs what is left, not what there was.
 */
export interface SecondPhase {
  readonly op: TwoPhaseKind['forwardOp' | 'backOp'];
  readonly timeoutMs: number;
  /** In the order of calling; without those whose URL is empty, which count as done. */
  readonly calls: readonly PhaseCall[];
  readonly byKey: ReadonlyMap<string, PhaseCall>;
  /** By the number of a call, from 1: the index of the next that may be left; 0: of the first. */
  readonly nextLeft: number[];
}

// By the rows themselves: they are only added to while they are the same map, and rows that are read anew are another.
const phases = new WeakMap<Rows, SecondPhase>();

/** The registered branches in the order of their registration. */
export function registeredBranches(kind: TwoPhaseKind, rows: Rows): readonly RegisteredRow[] {
  const registered = [...rows.values()].filter(isRegistered).filter((row) => row.op === kind.registeredOp);
  return registered.sort((one, other) => one.registered.ordinal - other.registered.ordinal);
}

/** The second phase of a decided transaction; undefined before the decision and after the end. */
export function secondPhase(
  kind: TwoPhaseKind,
  { head, rows, definition }: Transaction,
  defaultTimeoutMs: number | undefined,
): SecondPhase | undefined {
  if (head.status !== 'submitted' && head.status !== 'aborting') return undefined;
  const op = head.status === 'submitted' ? kind.forwardOp : kind.backOp;
  const known = phases.get(rows);
  const timeoutMs = definition.options.requestTimeoutMs ?? defaultTimeoutMs ?? known?.timeoutMs ?? 0;
  if (known?.op === op && known.timeoutMs === timeoutMs) return known;
  const phase = derive(kind, rows, op, timeoutMs);
  phases.set(rows, phase);
  return phase;
}

/** Whether this call has succeeded. */
export function isDone(rows: Rows, key: string): boolean {
  return rows.get(key)?.status === 'succeed';
}

/** Whether all that has to be done before this call is done. */
export function isReached(rows: Rows, call: PhaseCall): boolean {
  for (let key = call.after[call.reached]; key !== undefined; key = call.after[call.reached]) {
    if (!isDone(rows, key)) return false;
    call.reached += 1;
  }
  return true;
}

/** The calls that have not succeeded yet, in their order. */
export function* callsLeft({ calls, nextLeft }: SecondPhase, rows: Rows): Generator<PhaseCall, void, undefined> {
  let last = 0;
  for (;;) {
    const at = nextLeft[last] ?? calls.length;
    const call = calls[at];
    if (call === undefined) return;
    if (isDone(rows, call.key)) nextLeft[last] = nextLeft[at + 1] ?? calls.length;
    else {
      yield call;
      last = at + 1;
    }
  }
}

function derive(kind: TwoPhaseKind, rows: Rows, op: SecondPhase['op'], timeoutMs: number): SecondPhase {
  const registered = registeredBranches(kind, rows);
  const ordered = kind.isBackwards ? [...registered].reverse() : registered;
  const called = ordered.filter((row) => urlOf(row, op) !== '');
  const nested = nestedIn(called.map(({ branchId }) => branchId));
  const calls = called.map((row): PhaseCall => {
    const after = (nested.get(row.branchId) ?? []).map((branchId) => rowKey(branchId, op));
    return { key: rowKey(row.branchId, op), call: callOf(kind, row, op, timeoutMs), after, reached: 0 };
  });
  const nextLeft = Array.from({ length: calls.length + 1 }, (_, at) => at);
  return { op, timeoutMs, calls, byKey: new Map(calls.map((call) => [call.key, call])), nextLeft };
}

function urlOf({ registered }: RegisteredRow, op: SecondPhase['op']): string {
  return registered.urls[op] ?? '';
}

function callOf(kind: TwoPhaseKind, row: RegisteredRow, op: SecondPhase['op'], timeoutMs: number): Operation['call'] {
  const { payload, request } = row.registered;
  return {
    branchId: row.branchId,
    op,
    url: urlOf(row, op),
    // The databases know what they prepared: phase two of XA carries nothing (DTM: trans_xa.go).
    payload: kind.type === 'xa' ? '' : payload,
    timeoutMs,
    request,
  };
}

/** By branch: all that were registered inside it. Two more digits per level, as DTM's SDKs count. */
function nestedIn(branchIds: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const known = new Set(branchIds);
  const nested = new Map<string, string[]>();
  for (const branchId of branchIds) {
    for (let length = branchId.length - 2; length >= 2; length -= 2) {
      const outer = branchId.slice(0, length);
      if (!known.has(outer)) continue;
      const inside = nested.get(outer);
      if (inside === undefined) nested.set(outer, [branchId]);
      else inside.push(branchId);
    }
  }
  return nested;
}
