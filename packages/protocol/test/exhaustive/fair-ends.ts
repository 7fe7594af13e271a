import type { CallKey, Transaction, TransactionEvent } from '../../src/index.js';
import { holds } from '../support/holds.js';
import { nameOf } from './node.js';
import { changedBy, machineUnder, type Search, type Seen } from './search.js';

const turnsMax = 1_000;

/** Never stuck (M5): from every state a run in which every call succeeds and time passes comes to an end. */
export class FairEnds {
  /** States that were followed to the end, so that ways which join are walked once. */
  readonly #ending = new Set<string>();

  constructor(private readonly options: Search) {}

  check(start: Seen): void {
    const path: string[] = [];
    let state = start;
    for (let turn = 0; ; turn += 1) {
      const name = nameOf(
        { ...state, base: state.tx, pending: undefined, batch: 'any', from: undefined, label: '' },
        this.options,
      );
      if (this.#ending.has(name)) break;
      path.push(name);
      const next = fairStep(state, this.options);
      if (next === undefined) break;
      state = next;
      holds(turn < turnsMax, 'it ends once faults stop (M5)', start.tx);
    }
    for (const name of path) this.#ending.add(name);
  }
}

/** What comes next when nothing goes wrong; undefined: it is finished. */
function fairStep({ tx, now }: Seen, search: Search): Seen | undefined {
  const plan = machineUnder(search).plan(tx, now, search.defaults);
  switch (plan.kind) {
    case 'finished':
      return undefined;
    case 'mutate':
      return { tx: changedBy(tx, plan.mutation, now), now };
    case 'wait':
      return { tx, now: plan.wakeAt };
    case 'paused':
      return { tx: happened({ tx, now }, { kind: 'resume' }, search), now };
    case 'calls':
      return { tx: plan.calls.reduce((at, call) => succeeded({ tx: at, now }, call, search), tx), now };
  }
}

function succeeded(state: Seen, { branchId, op }: CallKey, search: Search) {
  if (search.fairly !== undefined) return happened(state, search.fairly, search);
  return happened(state, { kind: 'branchAnswered', branchId, op, result: { kind: 'success' } }, search);
}

function happened({ tx, now }: Seen, event: TransactionEvent, search: Search): Transaction {
  const reaction = machineUnder(search).react(tx, event, now, search.defaults);
  return reaction.kind === 'changed' ? changedBy(tx, reaction.mutation, now) : tx;
}
