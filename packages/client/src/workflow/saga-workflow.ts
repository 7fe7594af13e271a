/**
 * Sagas of local steps, as a workflow: the action with its compensation beside it.
 *
 * Until the pivot every step says how it is undone. The pivot is the last step that may refuse; what comes after it is run until
 * it succeeds, and so has nothing to undo.
 */
import { BranchFailure } from '../branch/branch-outcome.js';
import type { Recorded } from '../recorded.js';
import type { StepCall, WorkflowScope } from './workflow-scope.js';
import type { Workflow } from './workflows.js';
import { checkFunction, checkNames, type OptionNames, invalidOption } from '../option-names.js';

/** What a step is run with: the saga's input and what the earlier steps answered, by their names. */
export interface SagaStepCall<Input, Results> extends StepCall {
  /** What the saga was run with. */
  readonly input: Input;
  /** By the names of the steps before this one. */
  readonly results: Results;
}

/** A step that can be undone. */
export interface UndoableStep<Input, Results, T> {
  /** Its result is recorded, as JSON. `BranchFailure` refuses: the steps before it are undone. */
  readonly action: (call: SagaStepCall<Input, Results>) => PromiseLike<T> | T;
  /** Undoes it, given what it answered, and must succeed in the end; `null` says that there is nothing to undo. */
  readonly compensate: ((result: Recorded<T>, call: SagaStepCall<Input, Results>) => unknown) | null;
}

/** The pivot, or a step after it: nothing undoes it. */
export interface FinalStep<Input, Results, T> {
  /** Its result is recorded, as JSON. Only the pivot's may refuse. */
  readonly action: (call: SagaStepCall<Input, Results>) => PromiseLike<T> | T;
  /** There is none: what comes later is run until it succeeds. */
  readonly compensate?: never;
}

type Fresh<Name, Results> = Name extends keyof Results ? never : Name;
type With<Results, Name extends string, T> = Results & { readonly [K in Name]: Recorded<T> };

/** A saga after its pivot. Its steps must not refuse: they are run until they succeed. */
export interface PivotedSaga<Input, Results> extends Workflow<Input, Results> {
  /** Adds a step that must not refuse. Throws `INVALID_OPTION` for a name used twice. */
  step<Name extends string, T>(
    name: Fresh<Name, Results>,
    step: FinalStep<Input, Results, T>,
  ): PivotedSaga<Input, With<Results, Name, T>>;
}

/** A saga before its pivot, if it has one. Its result is what its steps answered, by their names. */
export interface SagaWorkflow<Input, Results> extends Workflow<Input, Results> {
  /** Adds a step and what undoes it. Throws `INVALID_OPTION` for a name used twice. */
  step<Name extends string, T>(
    name: Fresh<Name, Results>,
    step: UndoableStep<Input, Results, T>,
  ): SagaWorkflow<Input, With<Results, Name, T>>;
  /** The last step that may refuse: once it is done, the saga only goes forward. */
  pivot<Name extends string, T>(
    name: Fresh<Name, Results>,
    step: FinalStep<Input, Results, T>,
  ): PivotedSaga<Input, With<Results, Name, T>>;
}

/** The results of a saga without steps. */
export type NoResults = object;

type AnyStep = UndoableStep<unknown, unknown, unknown> | FinalStep<unknown, unknown, unknown>;

const stepNames: OptionNames<AnyStep> = { action: true, compensate: true };

interface NamedStep {
  readonly name: string;
  readonly step: AnyStep;
  readonly isAfterPivot: boolean;
}

/** The steps of one saga, as they are added. */
export class SagaSteps {
  readonly #steps: NamedStep[] = [];
  #hasPivot = false;

  builder(workflow: Workflow<never, unknown>): object {
    const add = (name: string, step: AnyStep): object => {
      this.#add(name, step, false);
      return builder;
    };
    const pivot = (name: string, step: AnyStep): object => {
      if (this.#hasPivot) throw invalidOption(`a saga has one pivot, and "${name}" is a second`);
      this.#add(name, step, true);
      this.#hasPivot = true;
      return builder;
    };
    const builder = { ...workflow, step: add, pivot };
    return builder;
  }

  async run(wf: WorkflowScope, input: unknown): Promise<unknown> {
    const results: Record<string, unknown> = {};
    for (const { name, step, isAfterPivot } of this.#steps) {
      const compensate = step.compensate ?? undefined;
      // What the step was run with, for its compensation: later results are not there yet.
      const before = { ...results };
      results[name] = await wf.do(name, {
        action: (call) => acted(name, isAfterPivot, () => step.action({ ...call, input, results: before })),
        ...(compensate && {
          onRollback: (result: unknown, call: StepCall) =>
            compensate(result as never, { ...call, input, results: before }),
        }),
      });
    }
    return results;
  }

  #add(name: string, step: AnyStep, isPivot: boolean): void {
    if (this.#steps.some((other) => other.name === name)) {
      throw invalidOption(`two steps are named "${name}"`);
    }
    checkNames(`step "${name}"`, step, stepNames);
    checkFunction(`action of step "${name}"`, step.action);
    const isFinal = isPivot || this.#hasPivot;
    if (isFinal && step.compensate !== undefined) {
      throw invalidOption(`step "${name}" is the pivot or after it: nothing undoes it`);
    }
    if (!isFinal && step.compensate !== null) {
      checkFunction(`compensate of step "${name}" (or null where there is nothing to undo)`, step.compensate);
    }
    this.#steps.push({ name, step, isAfterPivot: this.#hasPivot });
  }
}

/** After the pivot a refusal is a fault, and the step is run again: there is no way back. */
async function acted(name: string, isAfterPivot: boolean, action: () => unknown): Promise<unknown> {
  try {
    return await action();
  } catch (error) {
    if (!isAfterPivot || !(error instanceof BranchFailure)) throw error;
    throw new Error(`step "${name}" comes after the pivot and must not refuse: ${error.message}`, { cause: error });
  }
}
