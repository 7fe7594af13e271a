import {
  applyMutation,
  InvariantError,
  mergeMutations,
  type Machine,
  type Mutation,
  type Plan,
  type Transaction,
} from '@tandem/protocol';
import type { TypePolicy } from './coordinator-api.js';

/** A plan that asks for nothing to be written first. */
export type RestingPlan = Exclude<Plan, { kind: 'mutate' }>;

export interface AtRest {
  readonly tx: Transaction;
  /** All that has to be made durable before the plan is followed; undefined: nothing. */
  readonly mutation: Mutation | undefined;
  readonly plan: RestingPlan;
}

const plansInARowMax = 1_000;

/** Asks for the plan and applies its mutations until it asks for calls, a wait or the end. Takes ownership of `tx`. */
export function comeToRest(
  machine: Machine,
  given: Transaction,
  before: Mutation | undefined,
  now: number,
  defaults: TypePolicy,
): AtRest {
  let tx = given;
  let mutation = before;
  for (let turns = 0; turns < plansInARowMax; turns += 1) {
    const plan = machine.plan(tx, now, defaults);
    if (plan.kind !== 'mutate') return { tx, mutation, plan };
    mutation = mutation === undefined ? plan.mutation : mergeMutations([mutation, plan.mutation]);
    tx = applyMutation(tx, plan.mutation, now);
  }
  throw new InvariantError(`the plan of ${given.gid} does not come to rest`);
}
