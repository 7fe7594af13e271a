import type {
  BranchRow,
  Definition,
  MachineDefaults,
  Mutation,
  Transaction,
  TransactionEvent,
} from '../../src/index.js';
import type { Search } from './search.js';

/** One state of a search: durable, or in the middle of what one commit will carry. */
export interface Node {
  readonly tx: Transaction;
  readonly now: number;
  /** What is durable, and all that has been added to it; undefined: nothing. */
  readonly base: Transaction;
  readonly pending: Mutation | undefined;
  /** What may still join the commit: anything, or successes alone (M6). */
  readonly batch: 'any' | 'successes';
  readonly from: Node | undefined;
  readonly label: string;
}

/**
 * What tells two states apart: all that a machine may decide by. Times count from now, and a time that is over is over; the
 * age counts until the time limit (a workflow's until its first resume); attempts count until a limit of retries is used up,
 * and without one not at all, but for a resume.
 */
export function nameOf(node: Node, { definition, defaults }: Search): string {
  const { tx, now, pending, batch } = node;
  const { status, isPaused, createdAt, state } = tx.head;
  const ageMax = ageThatCounts(definition, defaults);
  const limit = definition.options.retry.limit ?? defaults.retry.limit;
  const age = Math.min(now - createdAt, ageMax);
  const delay = Math.max(0, state.submittedAt + state.delayMs - now);
  const head = `${status} ${String(isPaused)} ${String(state.reason !== '')} ${String(state.isForced)}`;
  const times = `${String(age)} ${String(state.submittedAt > 0)} ${String(delay)} ${String(state.delayMs)}`;
  const rows = [...tx.rows.values()].map((row) => rowName(row, now, limit)).sort();
  return `${pending === undefined ? 'durable' : batch} ${head} ${times} ${rows.join(' ')}`;
}

function ageThatCounts({ type, options }: Definition, defaults: MachineDefaults): number {
  if (type === 'workflow') return options.retry.initialMs ?? defaults.retry.initialMs;
  return options.timeoutToFailMs ?? defaults.timeoutToFailMs;
}

function rowName(row: BranchRow, now: number, limit: number | undefined): string {
  // A resume that backs off is told from one that waits for code at work by whether it has been tried.
  const attemptsThatCount = limit === undefined ? Number(row.op === 'resume') : limit + 2;
  const attempts = Math.min(row.attempts, attemptsThatCount);
  const wait = row.status === 'prepared' ? Math.max(0, row.nextAttemptAt - now) : 0;
  const registered = row.registered === undefined ? '' : JSON.stringify(row.registered);
  return `${row.branchId}${row.op}:${row.status}:${String(attempts)}:${String(wait)}${registered}`;
}

/** How an event is called in the way to a state. */
export function labelOf(event: TransactionEvent): string {
  if (event.kind === 'branchAnswered') return `${event.branchId} ${event.op} ${event.result.kind}`;
  if (event.kind === 'registerBranch') return `register ${event.registration.branchId} ${event.registration.op}`;
  return event.kind === 'submit' ? `submit ${String(event.delayMs)}` : event.kind;
}

/** The way from the opening to a state. */
export function pathOf(node: Node): string {
  const labels: string[] = [];
  for (let at: Node | undefined = node; at !== undefined; at = at.from) labels.push(at.label);
  return labels.reverse().join(', ');
}
