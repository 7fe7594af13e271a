/** What a run of a workflow's code asks its coordinator for: how far it is, to record a step, to take its verdict. */
import type { WorkflowProgress } from '@tandem/coordinator';
import { parseTransactionRequest } from '@tandem/protocol';
import type { Ask } from './doors.js';
import { registerBranch } from './register-branch.js';
import type { Told } from './send-asks.js';
import { atWork, Stopped } from './stopped.js';
import { mayStop, type StepEnd, type WorkflowRun } from './workflow-code.js';

const triesMax = 3;
const againMs = 700;

/** What a workflow answers in the end. */
export function resultOf(gid: string, status: string): string {
  return `${gid} ${status}`;
}

export class WorkflowRecord {
  readonly #run: WorkflowRun;
  readonly #known = new Map<string, StepEnd>();

  constructor(run: WorkflowRun) {
    this.#run = run;
  }

  /** Prepares it, and reads what is recorded; answers how it has ended, if it has. */
  async open(): Promise<StepEnd | undefined> {
    const { tx } = this.#run;
    const body = { ...tx.body, gid: tx.gid };
    const told = await this.#ask('prepareWorkflow', '', (coordinator) =>
      coordinator.prepareWorkflow(parseTransactionRequest(body, 'prepare')),
    );
    if (told.kind === 'refused') throw new Stopped({ kind: 'unknown', reason: told.code });
    const { head, steps } = told.value as WorkflowProgress;
    for (const { branchId, op, status } of steps) {
      if (status !== 'prepared') this.#known.set(`${branchId} ${op}`, status);
    }
    return head.status === 'succeed' || head.status === 'failed' ? head.status : undefined;
  }

  knows(branchId: string, op: string): boolean {
    return this.#known.has(`${branchId} ${op}`);
  }

  /** Does something and records how it ended; or answers from the record. */
  async once(branchId: string, op: 'action' | 'commit' | 'rollback', act: () => Promise<StepEnd>): Promise<StepEnd> {
    const known = this.#known.get(`${branchId} ${op}`);
    if (known !== undefined) {
      this.#run.world.tally.count('stepFromRecord');
      return known;
    }
    mayStop(this.#run);
    await this.#think();
    const status = await act();
    mayStop(this.#run);
    const { code, name } = this.#run;
    await this.put(branchId, op, status, code.hasOwnResults ? `${op} by ${name}` : `${op}: ${status}`);
    return status;
  }

  /** Records; whatever is in the way of it stops the run. */
  async put(branchId: string, op: string, status: StepEnd, data: string): Promise<void> {
    const { tx, world, place } = this.#run;
    const body = { gid: tx.gid, trans_type: 'workflow', branch_id: branchId, op, status, data };
    const told = await new Promise<Told>((resolve) => {
      registerBranch(world, body, { op, place, triesMax }, resolve);
    });
    if (told.kind === 'refused') throw new Stopped({ kind: 'ongoing', reason: atWork });
  }

  /** Submits the verdict, which every run of the same code must come to. */
  async conclude(status: StepEnd, waitMs: number): Promise<void> {
    const { tx, world } = this.#run;
    const before = world.verdicts.get(tx.gid);
    if (before !== undefined && before !== status) {
      world.problems.add('rest', `the code of ${tx.gid} says that it ${status}, and has said that it ${before}`);
    }
    world.verdicts.set(tx.gid, status);
    const extra = {
      status,
      rollback_reason: status === 'failed' ? 'a step failed' : '',
      result: resultOf(tx.gid, status),
    };
    const body = { ...tx.body, gid: tx.gid, req_extra: extra };
    const told = await this.#ask('submit', status, (coordinator) =>
      coordinator.submit(parseTransactionRequest(body, 'submit'), waitMs),
    );
    if (told.kind === 'refused') throw new Stopped({ kind: 'unknown', reason: told.code });
  }

  async #think(): Promise<void> {
    const { world, code } = this.#run;
    if (code.thinkMs === 0) return;
    await new Promise<void>((resolve) => {
      world.time.in(code.thinkMs, resolve);
    });
  }

  /** The first answer that a repeat would not change. */
  #ask(verb: Ask['verb'], note: string, act: Parameters<WorkflowRun['world']['doors']['ask']>[1]): Promise<Told> {
    const { tx, world, place } = this.#run;
    return new Promise((resolve) => {
      let isOver = false;
      const hear = (told: Told): void => {
        if (isOver || (told.kind === 'refused' && told.code !== 'WRONG_STATUS')) return;
        isOver = true;
        resolve(told);
      };
      const send = (tries: number): void => {
        if (isOver) return;
        if (tries === triesMax) {
          isOver = true;
          resolve({ kind: 'refused', code: 'NO_ANSWER' });
          return;
        }
        world.doors.ask({ place: (place + tries) % world.draw.nodes, verb, gid: tx.gid, note }, act, hear);
        world.time.in(againMs, () => {
          send(tries + 1);
        });
      };
      send(0);
    });
  }
}
