/**
 * The code of a workflow, as an SDK for it would run it.
 *
 * W1. A step is done, then recorded; what is recorded already is not done again.
 * W2. Which way it goes is read from what is recorded, so that two executions beside one another go the same way.
 * W3. What cannot be recorded, because another execution was first, ends this execution: the record counts, not what it saw.
 */
import type { WireName } from '../wires/coordinator-wire.js';
import { toldByReply, WalkedAway, type Caller } from './caller.js';
import type { Told } from './told.js';

export interface WorkflowStep {
  readonly branchId: string;
  readonly style: 'saga' | 'tcc' | 'xa';
  readonly url: string;
  readonly account: string;
  readonly change: number;
}

/** What the coordinator keeps for whoever runs the code again. */
export interface WorkflowInput {
  readonly protocol: WireName;
  /** Where it is resumed. */
  readonly resumeUrl: string;
  readonly steps: readonly WorkflowStep[];
}

interface Progress {
  readonly transaction: { readonly status: string; readonly rollback_reason?: string; readonly result?: string };
  readonly progresses: readonly {
    readonly branch_id: string;
    readonly op: string;
    readonly status: string;
    readonly bin_data?: string;
  }[];
}

interface Recorded {
  readonly isDone: boolean;
  readonly data: string;
}

const ops = {
  saga: { first: 'action', forward: undefined, back: 'compensate' },
  tcc: { first: 'try', forward: 'confirm', back: 'cancel' },
  xa: { first: 'business', forward: 'commit', back: 'rollback' },
} as const;

export interface WorkflowRun {
  readonly gid: string;
  readonly input: WorkflowInput;
}

/** Answers `ongoing` where it could not end: the coordinator will have it run again. */
export async function runWorkflow(caller: Caller, { gid, input }: WorkflowRun): Promise<Told> {
  const reply = await caller.send('prepareWorkflow', {
    gid,
    trans_type: 'workflow',
    query_prepared: input.resumeUrl,
    custom_data: JSON.stringify({ name: 'torture', data: toBase64(JSON.stringify(input)) }),
  });
  if (reply.kind !== 'done') return toldByReply(reply, false);
  const { transaction, progresses } = reply.body as Progress;
  const { status, rollback_reason: why = '', result = '' } = transaction;
  if (status === 'succeed') return { kind: 'succeeded', why: '', result };
  if (status === 'failed') return { kind: 'failed', why };
  try {
    return await new Execution(caller, gid, progresses).run(input.steps);
  } catch (error) {
    // From here on the coordinator has it.
    if (error instanceof NotRecorded || error instanceof WalkedAway) return { kind: 'ongoing', why: error.message };
    throw error;
  }
}

/** The execution cannot go on, and the workflow is not at its end. */
class NotRecorded extends Error {
  override readonly name = 'NotRecorded';
}

class Execution {
  readonly #recorded = new Map<string, Recorded>();

  constructor(
    private readonly caller: Caller,
    private readonly gid: string,
    progresses: Progress['progresses'],
  ) {
    for (const { branch_id: branchId, op, status, bin_data: data = '' } of progresses) {
      this.#recorded.set(`${branchId} ${op}`, { isDone: status === 'succeed', data: fromBase64(data) });
    }
  }

  async run(steps: readonly WorkflowStep[]): Promise<Told> {
    const receipts: string[] = [];
    for (const [index, step] of steps.entries()) {
      const { isDone, data } = await this.#step(step, ops[step.style].first);
      if (!isDone) return this.#undo(steps.slice(0, index + 1), data);
      receipts.push(data);
    }
    for (const step of steps) {
      const { forward } = ops[step.style];
      if (forward !== undefined) receipts.push((await this.#step(step, forward)).data);
    }
    const result = toBase64(JSON.stringify(receipts));
    return this.#end({ status: 'succeed', result });
  }

  /** Backwards, and the refused one too: another execution of it may have come through. */
  async #undo(steps: readonly WorkflowStep[], why: string): Promise<Told> {
    for (const step of [...steps].reverse()) await this.#step(step, ops[step.style].back);
    return this.#end({ status: 'failed', rollback_reason: why });
  }

  async #step({ branchId, url, account, change }: WorkflowStep, op: string): Promise<Recorded> {
    const known = this.#recorded.get(`${branchId} ${op}`);
    if (known !== undefined) return known;
    const { gid } = this;
    const { kind, text } = await this.caller.call(url, { gid, type: 'workflow', branchId, op }, { account, change });
    const isDone = kind === 'done';
    const mayRefuse = Object.values(ops).some(({ first }) => first === op);
    if (kind === 'unclear' || (!isDone && !mayRefuse)) throw new NotRecorded(`${op} of ${branchId}: ${text}`);
    const data = isDone ? (JSON.parse(text) as { readonly receipt: string }).receipt : text;
    const status = isDone ? 'succeed' : 'failed';
    const record = { gid, trans_type: 'workflow', branch_id: branchId, op, status, data };
    const { kind: came, why } = await this.caller.send('registerBranch', record);
    if (came !== 'done') throw new NotRecorded(`${op} of ${branchId} is not recorded: ${why}`);
    return { isDone, data };
  }

  async #end(verdict: {
    readonly status: string;
    readonly result?: string;
    readonly rollback_reason?: string;
  }): Promise<Told> {
    const members = { gid: this.gid, trans_type: 'workflow', req_extra: verdict };
    const reply = await this.caller.send('submit', members);
    if (reply.kind === 'unclear') throw new NotRecorded(reply.why);
    // Whatever is refused contradicts what was recorded: the audit will find that the two do not agree.
    if (reply.kind !== 'done') return { kind: 'refused', why: `${reply.code} ${reply.why}` };
    if (verdict.status === 'failed') return { kind: 'failed', why: verdict.rollback_reason ?? '' };
    return { kind: 'succeeded', why: '', result: verdict.result ?? '' };
  }
}

function toBase64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString();
}
