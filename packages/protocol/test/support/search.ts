/**
 * A bounded exhaustive search over one small transaction: from its opening, every answer of every branch operation (called
 * or not, so late and repeated ones too), every outside event and every passing of time, in every order, until no new state
 * turns up. Bounds: attempts per branch and time, past which a state is not followed.
 */
import {
  applyMutation,
  isFinished,
  machineOf,
  type BranchResult,
  type BranchRow,
  type CallKey,
  type Definition,
  type MachineDefaults,
  type Plan,
  type Reaction,
  type Transaction,
  type TransactionEvent,
} from '../../src/index.js';
import { DrivenTransaction, type Opening } from './driven-transaction.js';

export interface Seen {
  readonly tx: Transaction;
  readonly now: number;
}

export interface Watcher {
  /** A state before its plan is applied, and that plan. */
  planned?(state: Seen, plan: Plan): void;
  /** An event in a state that has come to rest, what it does, and the transaction after it. */
  reacted?(state: Seen, event: TransactionEvent, reaction: Reaction, after: Transaction): void;
}

export interface Search {
  readonly definition: Definition;
  readonly defaults: MachineDefaults;
  readonly opening?: Opening;
  readonly attemptsMax?: number;
  readonly timeMax?: number;
}

const results: readonly BranchResult[] = [
  { kind: 'success' },
  { kind: 'failure', reason: 'refused' },
  { kind: 'ongoing', reason: 'busy' },
  { kind: 'unknown', reason: 'lost' },
];

const outside: readonly TransactionEvent[] = [
  { kind: 'submit', delayMs: 0 },
  { kind: 'abort', reason: 'changed my mind' },
  { kind: 'forceStop', reason: 'operator' },
  { kind: 'pause', reason: 'maintenance' },
  { kind: 'resume' },
  { kind: 'retryNow' },
];

/** Runs the search and answers how many states it saw. */
export function search(options: Search, watcher: Watcher): number {
  const { definition, defaults, attemptsMax = 2, timeMax = 60 } = options;
  const machine = machineOf(definition.type);
  const opened = new DrivenTransaction(definition, defaults, options.opening);
  const start = opened.now;
  const events = [...everyAnswer(definition), ...outside];
  const known = new Set<string>();
  const queue: Seen[] = [];

  const reach = (tx: Transaction, now: number) => {
    const state = settled(tx, now, defaults, watcher);
    if (state.tx.head.status !== 'failed' && isBeyond(state, start, attemptsMax, timeMax)) return;
    const name = nameOf(state);
    if (known.has(name)) return;
    known.add(name);
    queue.push(state);
  };

  const tryEvents = (state: Seen) => {
    for (const event of events) {
      const reaction = machine.react(state.tx, event, state.now, defaults);
      const after = reaction.kind === 'changed' ? applied(state.tx, reaction, state.now) : state.tx;
      watcher.reacted?.(state, event, reaction, after);
      if (after !== state.tx) reach(after, state.now);
    }
  };

  reach(opened.tx, start);
  for (let at = 0; at < queue.length; at += 1) {
    const state = queue[at];
    if (state === undefined) break;
    tryEvents(state);
    const later = laterOf(state, machine.plan(state.tx, state.now, defaults));
    if (later === undefined || isBeyond(later, start, attemptsMax, timeMax)) continue;
    // Time has passed: an event can be there before anybody has looked at the plan, or the other way round.
    tryEvents(later);
    reach(later.tx, later.now);
  }
  return queue.length;
}

/** The same state when the plan is looked at next; a pause goes on for a while, since nothing ends it by itself. */
function laterOf({ tx, now }: Seen, plan: Plan): Seen | undefined {
  if (plan.kind === 'paused') return { tx, now: now + 10 };
  const wakeAt = plan.kind === 'calls' || plan.kind === 'wait' ? plan.wakeAt : undefined;
  return wakeAt === undefined ? undefined : { tx, now: wakeAt };
}

function settled(tx: Transaction, now: number, defaults: MachineDefaults, watcher: Watcher): Seen {
  let state: Seen = { tx, now };
  for (let round = 0; round < 5; round += 1) {
    const plan = machineOf(tx.definition.type).plan(state.tx, now, defaults);
    watcher.planned?.(state, plan);
    if (plan.kind !== 'mutate') return state;
    state = { tx: applyMutation(copyOf(state.tx), plan.mutation, now), now };
  }
  throw new Error('the plan never comes to rest');
}

function applied(tx: Transaction, reaction: Reaction & { kind: 'changed' }, now: number): Transaction {
  return applyMutation(copyOf(tx), reaction.mutation, now);
}

function copyOf(tx: Transaction): Transaction {
  return { ...tx, rows: new Map(tx.rows) };
}

/** Every operation that could ever answer, and one that does not exist. */
function everyAnswer(definition: Definition): readonly TransactionEvent[] {
  const opened = new DrivenTransaction(definition, { ...anyDefaults }, {});
  const branches = machineOf(definition.type).branches(opened.tx);
  const keys: CallKey[] = [
    ...branches.map(({ branchId, op }) => ({ branchId, op })),
    { branchId: '00', op: 'msg' },
    { branchId: '01', op: 'compensate' },
    { branchId: '77', op: 'action' },
  ];
  return keys.flatMap((key) => results.map((result) => ({ kind: 'branchAnswered' as const, ...key, result })));
}

const anyDefaults: MachineDefaults = {
  retry: { initialMs: 1, factor: 1, maxMs: 1, jitter: 0, limit: undefined, then: 'pause' },
  requestTimeoutMs: 1,
  timeoutToFailMs: 0,
  checkIntervalMs: 1,
};

function isBeyond({ tx, now }: Seen, start: number, attemptsMax: number, timeMax: number): boolean {
  if (now - start > timeMax) return true;
  for (const row of tx.rows.values()) if (row.attempts > attemptsMax) return true;
  return false;
}

/** What tells two states apart: everything that react and plan look at. */
function nameOf({ tx, now }: Seen): string {
  const rows = [...tx.rows.entries()]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, row]) => rowName(key, row, now));
  const { status, isPaused, state } = tx.head;
  return [status, isPaused, state.reason !== '', state.submittedAt, state.delayMs, now, ...rows].join(' ');
}

function rowName(key: string, row: BranchRow, now: number): string {
  return `${key}:${row.status}:${String(row.attempts)}:${String(Math.max(0, row.nextAttemptAt - now))}`;
}

/** Whether a fair run from here ends: every call succeeds, time passes. */
export function endsFairly({ tx, now }: Seen, defaults: MachineDefaults): boolean {
  const run = new DrivenTransaction(
    tx.definition,
    defaults,
    tx.definition.type === 'msg' ? { intent: 'prepare' } : {},
    now,
  );
  run.tx = copyOf(tx);
  if (run.tx.head.isPaused) run.happens({ kind: 'resume' });
  run.runToEnd();
  return isFinished(run.tx.head.status);
}
