/**
 * Which step's action a piece of code belongs to, however many promises deep: a step that is asked for inside another one would be missing
 * once that is answered from the record.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

interface StepAround {
  /** Of one execution. No more of it: what an action opens, a pool for one, keeps this for as long as it lives. */
  readonly execution: symbol;
  readonly name: string;
}

const around = new AsyncLocalStorage<StepAround | undefined>();

/** Runs the action of a step. */
export function insideStep<T>(step: StepAround, action: () => Promise<T>): Promise<T> {
  return around.run(step, action);
}

/** Runs the code of a workflow, which may have been begun by a step of another. */
export function outsideSteps<T>(code: () => Promise<T>): Promise<T> {
  return around.run(undefined, code);
}

/** The name of the execution's step that this is called inside; undefined: none. */
export function stepAround(execution: symbol): string | undefined {
  const step = around.getStore();
  return step?.execution === execution ? step.name : undefined;
}
