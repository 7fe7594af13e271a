/**
 * What a saga's plan needs of its definition, derived once per definition and kept beside it.
 *
 * Both shapes answer the same questions; the sequential one in O(log n), so that a saga of 10,000 steps costs each step
 * what a short one does.
 */
import { branchIdOf, stepRowKey } from '../transaction/branch-id.js';
import type { Definition } from '../transaction/definition.js';
import type { Operation } from '../transaction/due-calls.js';
import { topologicalOrder } from './saga-orders.js';

/** Steps of which each waits for the one before it. */
export interface SequentialShape {
  readonly kind: 'sequential';
  readonly timeoutMs: number;
  /** Indexes of the steps that have an action URL, ascending, and those actions. */
  readonly actionSteps: readonly number[];
  readonly actions: readonly Operation[];
  /** The same for compensations. */
  readonly compensateSteps: readonly number[];
  readonly compensations: readonly Operation[];
}

/** Steps that run side by side, but for `orders`. */
export interface ConcurrentShape {
  readonly kind: 'concurrent';
  readonly timeoutMs: number;
  /** By step; undefined where the URL is empty. */
  readonly actions: readonly (Operation | undefined)[];
  readonly compensations: readonly (Operation | undefined)[];
  /** Indexes of all steps, each after those it waits for. */
  readonly order: readonly number[];
  /** By step: those that must have succeeded before it. */
  readonly predecessors: readonly (readonly number[])[];
  /** By step: those that wait for it, and so are compensated before it. */
  readonly successors: readonly (readonly number[])[];
}

export type SagaShape = SequentialShape | ConcurrentShape;

const shapes = new WeakMap<Definition, SagaShape>();

/** The shape of a definition; without a timeout, whichever was derived last. */
export function sagaShape(definition: Definition, defaultTimeoutMs: number | undefined): SagaShape {
  const timeoutMs = definition.options.requestTimeoutMs ?? defaultTimeoutMs;
  const known = shapes.get(definition);
  if (known !== undefined && (timeoutMs === undefined || known.timeoutMs === timeoutMs)) return known;
  const shape = definition.isConcurrent
    ? concurrentShape(definition, timeoutMs ?? 0)
    : sequentialShape(definition, timeoutMs ?? 0);
  shapes.set(definition, shape);
  return shape;
}

function operation(definition: Definition, index: number, op: 'action' | 'compensate', timeoutMs: number) {
  const step = definition.steps[index];
  const url = step?.[op] ?? '';
  if (step === undefined || url === '') return undefined;
  const call = { branchId: branchIdOf(index), op, url, payload: step.payload, timeoutMs, request: step.request };
  return { key: stepRowKey(index, op), call };
}

function sequentialShape(definition: Definition, timeoutMs: number): SequentialShape {
  const actionSteps: number[] = [];
  const actions: Operation[] = [];
  const compensateSteps: number[] = [];
  const compensations: Operation[] = [];
  for (let index = 0; index < definition.steps.length; index += 1) {
    const action = operation(definition, index, 'action', timeoutMs);
    const compensation = operation(definition, index, 'compensate', timeoutMs);
    if (action !== undefined) {
      actionSteps.push(index);
      actions.push(action);
    }
    if (compensation !== undefined) {
      compensateSteps.push(index);
      compensations.push(compensation);
    }
  }
  return { kind: 'sequential', timeoutMs, actionSteps, actions, compensateSteps, compensations };
}

function concurrentShape(definition: Definition, timeoutMs: number): ConcurrentShape {
  const count = definition.steps.length;
  const indexes = Array.from({ length: count }, (_, index) => index);
  const predecessors = indexes.map((index) => definition.orders[index] ?? []);
  const successors: number[][] = indexes.map(() => []);
  predecessors.forEach((list, index) => {
    for (const predecessor of list) successors[predecessor]?.push(index);
  });
  return {
    kind: 'concurrent',
    timeoutMs,
    actions: indexes.map((index) => operation(definition, index, 'action', timeoutMs)),
    compensations: indexes.map((index) => operation(definition, index, 'compensate', timeoutMs)),
    order: topologicalOrder(count, definition.orders) ?? indexes,
    predecessors,
    successors,
  };
}
