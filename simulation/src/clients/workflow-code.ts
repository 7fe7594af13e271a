/**
 * One run of a workflow's code by its service, as DTM's SDKs run it: what is recorded is answered from the record, and what is
 * done is recorded before the next is begun.
 *
 * C1. Nothing but records decides how it goes on, so that every run of the same code comes to the same verdict.
 * C2. A step that failed is undone like the others: that it was refused in this run says nothing of another run's call.
 * C3. It may stop between any two of its steps; then it has lost its connections, and what was not prepared in them.
 */
import type { BranchResult, BranchRow } from '@tandem/protocol';
import type { BranchDraw, StepKind, TransactionDraw, WorkflowDraw } from '../draw/draw.js';
import type { SeededRandom } from '../seeded-random.js';
import { hostUrl } from '../types/draw-parts.js';
import type { World } from '../world.js';
import { callBranch } from './call-branch.js';
import { atWork, Stopped } from './stopped.js';
import { WorkflowRecord } from './workflow-record.js';
import { workInWorkflowXa } from './workflow-xa.js';

export type StepEnd = Extract<BranchRow['status'], 'succeed' | 'failed'>;

/** What the parts of one run share. */
export interface WorkflowRun {
  readonly tx: TransactionDraw;
  readonly world: World;
  readonly random: SeededRandom;
  readonly code: WorkflowDraw;
  /** Where its verbs go first. */
  readonly place: number;
  /** Tells its results from those of other runs. */
  readonly name: string;
}

interface Step {
  readonly branch: BranchDraw;
  readonly kind: StepKind;
}

const callTimeoutMs = 1_500;

/** Answers as its service does to whoever called it; undefined: never. */
export async function runWorkflowCode(run: WorkflowRun, waitMs: number): Promise<BranchResult | undefined> {
  const record = new WorkflowRecord(run);
  try {
    const ended = await record.open();
    const status = ended ?? (await untilVerdict(run, record, waitMs));
    return status === 'succeed' ? { kind: 'success' } : { kind: 'failure', reason: 'it failed' };
  } catch (error) {
    if (error instanceof Stopped) return error.result;
    throw error;
  }
}

async function untilVerdict(run: WorkflowRun, record: WorkflowRecord, waitMs: number): Promise<StepEnd> {
  const steps = stepsOf(run);
  const begun: Step[] = [];
  let end: StepEnd = 'succeed';
  for (const step of steps) {
    begun.unshift(step);
    end = await begin(run, record, step);
    if (end === 'failed') break;
  }
  for (const step of begun) await finish(run, record, step, end);
  mayStop(run);
  await record.conclude(end, waitMs);
  return end;
}

function stepsOf({ tx, code }: WorkflowRun): readonly Step[] {
  return tx.steps.flatMap((_, index) => {
    const branch = tx.branches?.[index];
    return branch === undefined ? [] : [{ branch, kind: code.kinds[index] ?? 'saga' }];
  });
}

/** The step itself: an action, a try, or work that is prepared. */
function begin(run: WorkflowRun, record: WorkflowRecord, { branch, kind }: Step): Promise<StepEnd> {
  return record.once(branch.id, 'action', () =>
    kind === 'xa' ? workInWorkflowXa(run, record, branch) : callStep(run, { branch, kind }, 'action'),
  );
}

/** Confirms or commits, where the step has something of the kind; or undoes. */
async function finish(run: WorkflowRun, record: WorkflowRecord, { branch, kind }: Step, end: StepEnd): Promise<void> {
  const op = end === 'succeed' ? 'commit' : 'rollback';
  if (op === 'commit' && kind === 'saga') return;
  await record.once(branch.id, op, () => callStep(run, { branch, kind }, op));
}

/** An answer that decides nothing ends the run: it is resumed, and asks again. */
async function callStep(
  run: WorkflowRun,
  { branch, kind }: Step,
  op: 'action' | 'commit' | 'rollback',
): Promise<StepEnd> {
  const { tx, world } = run;
  const call = {
    gid: tx.gid,
    // What is prepared is ended in its database, and not behind a barrier.
    transactionType: kind === 'xa' ? ('xa' as const) : ('workflow' as const),
    branchId: branch.id,
    op,
    url: hostUrl(branch.host, op),
    payload: '{}',
    timeoutMs: callTimeoutMs,
  };
  const result = await new Promise<BranchResult>((resolve) => {
    callBranch(world, call, resolve);
  });
  if (result.kind === 'success') return 'succeed';
  if (result.kind === 'failure' && op === 'action') return 'failed';
  throw new Stopped(result);
}

/** What a service that dies, or gives up, is heard to say; only its submit decides, so that none of this does. */
const lastWords: readonly [BranchResult | undefined, ...(BranchResult | undefined)[]] = [
  undefined,
  { kind: 'unknown', reason: 'the connection was closed', isUnreachable: true },
  { kind: 'ongoing', reason: atWork },
  { kind: 'success' },
  { kind: 'failure', reason: 'it says so' },
];

/** Between two steps, and while there is trouble, it may stop (C3). */
export function mayStop({ world, random, code }: WorkflowRun): void {
  if (world.isCalm || !random.chance(code.dies)) return;
  world.tally.count('workflowStopped');
  throw new Stopped(random.pick(lastWords));
}
