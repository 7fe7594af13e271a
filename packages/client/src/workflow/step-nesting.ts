/**
 * Which step's action a piece of code belongs to, however many promises deep: a step that is asked for inside another one would be missing
 * once that is answered from the record.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

interface StepAround {
  /** Of one execution. No more of it: what an action opens, a pool for one, keeps this for as long as it lives. */
  readonly execution: symbol;
  readonly name: string;
  /** What a step that was asked for inside it was refused with. */
  refusal?: Error;
}

const around = new AsyncLocalStorage<StepAround | undefined>();

/**
 * Runs the action of a step. Throws what a step inside it was refused with, whoever caught that: so no outcome of the action is
 * recorded.
 */
export function insideStep<T>(step: StepAround, action: () => Promise<T>): Promise<T> {
  return around.run(step, action).finally(() => {
    if (step.refusal !== undefined) throw step.refusal;
  });
}

/** Runs the code of a workflow, which may have been begun by a step of another. */
export function outsideSteps<T>(code: () => Promise<T>): Promise<T> {
  return around.run(undefined, code);
}

/** The execution's step that this is called inside; undefined: none. */
export function stepAround(execution: symbol): StepAround | undefined {
  const step = around.getStore();
  return step?.execution === execution ? step : undefined;
}
