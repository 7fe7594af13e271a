import { WorkflowChanged } from '../errors.js';
import { stepRecordOf, type StepName, type StepRecord } from './step-record.js';

export type StepOp = 'action' | 'commit' | 'rollback';

/** What earlier executions of a workflow recorded, by branch id and operation. */
export class History {
  readonly #gid: string;
  readonly #records = new Map<string, StepRecord | undefined>();
  readonly #unseen = new Map<string, string>();

  constructor(gid: string, progresses: unknown) {
    this.#gid = gid;
    for (const entry of Array.isArray(progresses) ? (progresses as Readonly<Record<string, unknown>>[]) : []) {
      const record = stepRecordOf(entry);
      const [branchId, op] = [String(entry['branch_id']), String(entry['op'])];
      this.#records.set(`${branchId} ${op}`, record);
      if (op === 'action') this.#unseen.set(branchId, record?.name ?? branchId);
    }
  }

  /** Whether the step at this place is recorded, whatever it is. */
  has(branchId: string, op: StepOp): boolean {
    return this.#records.has(`${branchId} ${op}`);
  }

  /** The record of the step at this place; undefined: none. Throws `WorkflowChanged` where another step is recorded there. */
  take(branchId: string, op: StepOp, { name, kind }: StepName): StepRecord | undefined {
    const key = `${branchId} ${op}`;
    if (!this.#records.has(key)) return undefined;
    const record = this.#records.get(key);
    if (record?.name !== name || record.kind !== kind) {
      const before = record === undefined ? 'what another SDK recorded' : `${record.kind} "${record.name}"`;
      throw new WorkflowChanged(this.#gid, `step ${branchId} was ${before} and is now ${kind} "${name}"`);
    }
    this.#unseen.delete(branchId);
    return record;
  }

  /** Throws `WorkflowChanged` where a recorded step was not asked for in this run. */
  checkAllSeen(): void {
    const [missing] = this.#unseen.values();
    if (missing === undefined) return;
    throw new WorkflowChanged(this.#gid, `step "${missing}" is recorded, and the code ended without asking for it`);
  }
}
