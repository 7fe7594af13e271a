/**
 * One run of a workflow's code, from its first line, over what earlier runs recorded.
 *
 * W1. A step that is recorded is answered from the record and not done again.
 * W2. A step is recorded only with a clear outcome: done, or refused (`BranchFailure`). After anything else this execution is
 *     over, whatever the code makes of the error, and a later one does the step again.
 * W3. The decision is durable before what depends on it is done: no run commits what another has begun to roll back.
 * W4. Nothing is decided while a step is under way.
 * W5. The code must ask for what is recorded, all of it and nothing else in its place; or nothing more is done.
 */
import { BranchFailure } from '../branch/branch-outcome.js';
import type { ClientClock } from '../coordinator/client-clock.js';
import { CompensationFailed, InvalidUse, WorkflowChanged } from '../errors.js';
import { recorded as asRecorded, type Recorded } from '../recorded.js';
import { Interruption } from './interruption.js';
import type { History, StepOp } from './history.js';
import { OpenSteps } from './open-steps.js';
import { inOrder, type SecondPhase } from './second-phase.js';
import { outsideSteps, stepAround } from './step-nesting.js';
import type { StepGroup } from './step-group.js';
import type { StepName } from './step-record.js';
import type { Verdict, WorkflowRecorder } from './workflow-recorder.js';

/** A step at its place. */
export interface Step extends StepName {
  readonly branchId: string;
  readonly group: StepGroup;
}

const decisionId = 'end';

export class Execution {
  readonly gid: string;
  /** Tells this execution from others. */
  readonly key = Symbol('execution');
  readonly open: OpenSteps;
  readonly clock: ClientClock;
  readonly #recorder: WorkflowRecorder;
  readonly #history: History;
  readonly #secondPhases: SecondPhase[] = [];
  readonly #suspended: Promise<never>;
  #interruption: Interruption | undefined;
  #hasEnded = false;

  constructor(recorder: WorkflowRecorder, history: History, clock: ClientClock) {
    this.gid = recorder.gid;
    this.clock = clock;
    this.#recorder = recorder;
    this.#history = history;
    let suspend: (error: Interruption) => void = () => undefined;
    this.#suspended = new Promise((_, reject) => (suspend = reject));
    this.#suspended.catch(() => undefined);
    this.open = new OpenSteps(clock, (until) => suspend(this.interrupt(Interruption.sleep(until))));
  }

  /** Runs the code to its end; throws `Interruption` where another execution has to go on. */
  async run(code: () => Promise<unknown>): Promise<Verdict> {
    const verdict = await this.#verdictOf(code);
    await this.open.settled();
    this.#hasEnded = true;
    if (this.#interruption !== undefined) throw this.#interruption;
    try {
      this.#history.checkAllSeen();
      await this.#secondPhase(verdict);
      return verdict;
    } catch (error) {
      throw this.interrupt(error);
    }
  }

  /**
   * Throws `STEP_INSIDE_STEP`, ends this execution and keeps the step around from being recorded, whoever catches it: a later
   * execution would miss the step.
   */
  refuseInsideStep(name: string): void {
    const around = stepAround(this.key);
    if (around === undefined) return;
    const hint = `ask for it before or after "${around.name}", or beside it in wf.parallel`;
    const told = `step "${name}" is asked for inside step "${around.name}", and would be missing once that is recorded: ${hint}`;
    const error = new InvalidUse('STEP_INSIDE_STEP', told);
    around.refusal ??= error;
    this.interrupt(error);
    throw error;
  }

  /** Does a step, or answers it from the record. */
  step<T>(step: Step, work: () => Promise<T>): Promise<Recorded<T>> {
    if (this.#hasEnded) {
      const hint = 'await every step inside the code of the workflow';
      throw new InvalidUse('USED_AFTER_ITS_END', `step "${step.name}" came after the end of its workflow: ${hint}`);
    }
    const done = this.open.track(this.#done(step, work));
    // Who does not wait for it hears of its failure at the end of the workflow, not by the end of the process.
    done.catch(() => undefined);
    return done;
  }

  /** What is done with a step when the workflow has been decided. */
  atTheEnd(secondPhase: SecondPhase): void {
    if (secondPhase.onCommit !== undefined || secondPhase.onRollback !== undefined)
      this.#secondPhases.push(secondPhase);
  }

  isRecorded(branchId: string): boolean {
    return this.#history.has(branchId, 'action');
  }

  /** Ends this execution, once and for all: the first reason counts. Answers what to throw. */
  interrupt(cause: unknown): Interruption {
    this.#interruption ??= cause instanceof Interruption ? cause : new Interruption(cause);
    return this.#interruption;
  }

  async #verdictOf(code: () => Promise<unknown>): Promise<Verdict> {
    try {
      const result = await Promise.race([outsideSteps(code), this.#suspended]);
      return { status: 'succeed', result: asRecorded('the result', result) };
    } catch (error) {
      if (error instanceof BranchFailure) return { status: 'failed', reason: error.message, cause: error };
      throw await this.#interruptedBy(error);
    }
  }

  async #interruptedBy(error: unknown): Promise<Interruption> {
    const interruption = this.interrupt(error);
    await this.open.settled();
    this.#hasEnded = true;
    return interruption;
  }

  async #done<T>(step: Step, work: () => Promise<T>): Promise<Recorded<T>> {
    const { branchId, name, kind } = step;
    const before = this.#taken(branchId, 'action', step);
    if (before?.status === 'failed') throw new BranchFailure(before.reason);
    if (before !== undefined) return before.result as Recorded<T>;
    if (this.#interruption !== undefined) throw this.#interruption;
    step.group.throwIfStopped();
    let result: Recorded<T>;
    try {
      result = asRecorded<T>(`the result of step "${name}"`, await work());
    } catch (error) {
      if (!(error instanceof BranchFailure)) throw this.interrupt(error);
      await this.#record(branchId, 'action', { name, kind, status: 'failed', reason: error.message });
      throw error;
    }
    await this.#record(branchId, 'action', { name, kind, status: 'succeed', result });
    return result;
  }

  #taken(branchId: string, op: StepOp, name: StepName) {
    try {
      return this.#history.take(branchId, op, name);
    } catch (error) {
      throw this.interrupt(error);
    }
  }

  async #record(...step: Parameters<WorkflowRecorder['record']>): Promise<void> {
    try {
      await this.#recorder.record(...step);
    } catch (error) {
      throw this.interrupt(error);
    }
  }

  async #secondPhase(verdict: Verdict): Promise<void> {
    const decision = verdict.status === 'succeed' ? 'commit' : 'rollback';
    const calls = inOrder(this.#secondPhases, decision);
    if (this.#history.has(decisionId, decision === 'commit' ? 'rollback' : 'commit')) {
      const told = `it was decided to ${decision === 'commit' ? 'roll back' : 'commit'}, and the code now ends otherwise`;
      throw new WorkflowChanged(this.gid, told);
    }
    if (calls.length === 0) return;
    await this.#once(decisionId, decision, { name: 'the decision', kind: 'decision' }, async () => undefined);
    for (const { branchId, name, kind, op, run } of calls) {
      await this.#once(branchId, op, { name, kind }, async () => {
        try {
          await run();
        } catch (error) {
          throw new CompensationFailed(this.gid, name, op === 'commit' ? 'onCommit' : 'onRollback', error);
        }
      });
    }
  }

  async #once(branchId: string, op: StepOp, name: StepName, work: () => Promise<void>): Promise<void> {
    if (this.#history.take(branchId, op, name) !== undefined) return;
    await work();
    await this.#recorder.record(branchId, op, { ...name, status: 'succeed' });
  }
}
