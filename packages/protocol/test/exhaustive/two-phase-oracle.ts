import {
  defaultPolicies,
  type BranchRow,
  type Call,
  type Plan,
  type Transaction,
  type TransactionEvent,
} from '../../src/index.js';
import { holds, isSame } from '../support/holds.js';
import type { Seen } from './search.js';
import type { TypeOracle } from './searched-types.js';

/** What sets TCC and XA apart, as the documentation has it. */
export interface TwoPhaseSides {
  readonly registered: 'try' | 'action';
  readonly forward: 'confirm' | 'commit';
  readonly back: 'cancel' | 'rollback';
  readonly isBackwards: boolean;
  readonly hasPayload: boolean;
}

/** The promises of TCC and XA, told without the machines' own code. */
export function twoPhaseOracle(sides: TwoPhaseSides): TypeOracle {
  const { forward, back } = sides;
  return {
    planned(state, plan) {
      if (plan.kind === 'calls') checkCalls(sides, state, plan);
      if (plan.kind === 'wait') checkWait(sides, state);
    },
    reacted({ tx }, event, after) {
      checkDecision(tx, event, after);
      checkRegistered(sides, tx, event, after);
      checkPause(tx, event, after);
    },
    committed(before, after) {
      const [from, to] = [before.head.status, after.head.status];
      const isForced = after.head.state.isForced;
      if (from === 'submitted') holds(to === from || to === 'succeed' || isForced, 'no way back', before, after);
      if (from === 'aborting') holds(to === from || to === 'failed', 'no way forward', before, after);
    },
    durable({ tx }) {
      const { status, state } = tx.head;
      const called = new Set([...tx.rows.values()].map(({ op }) => op).filter((op) => op !== sides.registered));
      holds(called.size <= 1, 'forward or back, never both (T1)', tx);
      if (status === 'prepared') holds(called.size === 0, 'nothing is called before the decision', tx);
      if (status === 'succeed') holds(isAllDone(sides, tx, forward), 'success means that all went forward', tx);
      if (status === 'failed' && !state.isForced) {
        holds(isAllDone(sides, tx, back), 'failure means that all went back', tx);
        holds(state.reason !== '', 'a failure has a reason', tx);
      }
      if (status === 'aborting') holds(state.reason !== '', 'a roll-back has a reason', tx);
    },
  };
}

function branchesOf({ registered }: TwoPhaseSides, { rows }: Transaction): readonly BranchRow[] {
  return [...rows.values()].filter((row) => row.op === registered);
}

type SideOp = TwoPhaseSides['forward' | 'back'];

function opOf(sides: TwoPhaseSides, { head }: Transaction): SideOp {
  return head.status === 'submitted' ? sides.forward : sides.back;
}

function isDone({ rows }: Transaction, branch: BranchRow, op: SideOp): boolean {
  return (branch.registered?.urls[op] ?? '') === '' || rows.get(`${branch.branchId} ${op}`)?.status === 'succeed';
}

function isAllDone(sides: TwoPhaseSides, tx: Transaction, op: SideOp): boolean {
  return branchesOf(sides, tx).every((branch) => isDone(tx, branch, op));
}

function insideOf(sides: TwoPhaseSides, tx: Transaction, { branchId }: BranchRow): readonly BranchRow[] {
  return branchesOf(sides, tx).filter((other) => other.branchId !== branchId && other.branchId.startsWith(branchId));
}

/** Branches that are neither done nor kept from being called by a back-off or by what is inside them. */
function dueBranches(sides: TwoPhaseSides, { tx, now }: Seen): readonly BranchRow[] {
  const op = opOf(sides, tx);
  return branchesOf(sides, tx).filter((branch) => {
    const row = tx.rows.get(`${branch.branchId} ${op}`);
    const isInsideDone = insideOf(sides, tx, branch).every((inner) => isDone(tx, inner, op));
    return !isDone(tx, branch, op) && isInsideDone && (row?.nextAttemptAt ?? 0) <= now;
  });
}

function checkCalls(sides: TwoPhaseSides, state: Seen, plan: Plan & { kind: 'calls' }): void {
  const { tx } = state;
  holds(tx.head.status === 'submitted' || tx.head.status === 'aborting', 'no call before the decision', tx, plan);
  holds(plan.calls.length === 1, 'one after the other (P1)', tx, plan);
  const places = dueBranches(sides, state).map(({ registered }) => registered?.ordinal ?? -1);
  for (const call of plan.calls) {
    const branch = tx.rows.get(`${call.branchId} ${sides.registered}`);
    holds(call.op === opOf(sides, tx), 'the decision says what is called (T1)', tx, call);
    holds(isAsRegistered(sides, branch, call), 'what was registered is called', branch, call);
    const next = sides.isBackwards ? Math.max(...places) : Math.min(...places);
    holds(branch?.registered?.ordinal === next, 'the next in the order of those that may be called (P1, P2)', tx, call);
  }
}

function isAsRegistered(sides: TwoPhaseSides, branch: BranchRow | undefined, call: Call): boolean {
  const { urls = {}, payload } = branch?.registered ?? {};
  return call.url === urls[call.op as SideOp] && call.payload === (sides.hasPayload ? payload : '');
}

function checkWait(sides: TwoPhaseSides, state: Seen): void {
  if (state.tx.head.status === 'prepared') return;
  holds(dueBranches(sides, state).length === 0, 'it waits only where nothing is due', state.tx);
}

/** Once, from prepared, by the caller; the time limit decides in the plan. */
function checkDecision(before: Transaction, { kind }: TransactionEvent, after: Transaction): void {
  const [from, to] = [before.head.status, after.head.status];
  if (from === to || kind === 'forceStop') return;
  const isDecision = (kind === 'submit' && to === 'submitted') || (kind === 'abort' && to === 'aborting');
  holds(from === 'prepared' && isDecision, 'it is decided once, by its caller (T1)', before, kind);
}

function checkRegistered(sides: TwoPhaseSides, before: Transaction, event: TransactionEvent, after: Transaction): void {
  const [known, now] = [branchesOf(sides, before), branchesOf(sides, after)];
  const isKept = known.every((row) => isSame(after.rows.get(`${row.branchId} ${row.op}`), row));
  holds(isKept, 'what is registered never changes', before, event);
  if (now.length === known.length) return;
  holds(event.kind === 'registerBranch' && before.head.status === 'prepared', 'registered in time (T2)', before, event);
  const limitMs = before.definition.options.timeoutToFailMs ?? defaultPolicies.tcc.timeoutToFailMs;
  holds(after.head.updatedAt < before.head.createdAt + limitMs, 'registered within the time limit (T2)', before, event);
  const places = now.map(({ registered }) => registered?.ordinal);
  holds(new Set(places).size === now.length, 'every branch has a place in the order', after);
}

/** Only a limit that is used up pauses by itself, and it does no more (T3). */
function checkPause(before: Transaction, event: TransactionEvent, after: Transaction): void {
  if (event.kind !== 'branchAnswered') return;
  holds(before.head.status === after.head.status, 'no answer of a branch decides', before, event);
  if (before.head.isPaused === after.head.isPaused) return;
  const { limit } = before.definition.options.retry;
  const row = after.rows.get(`${event.branchId} ${event.op}`);
  holds(limit !== undefined && (row?.attempts ?? 0) > limit, 'it pauses when its limit is used up', before, event);
}
