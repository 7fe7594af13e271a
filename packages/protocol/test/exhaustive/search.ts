/**
 * An exhaustive search over one small transaction: every answer of every branch operation (called or not, so late and
 * repeated ones too), every outside event, every passing of time, in every order and in every batch that one commit may
 * carry, until no new state turns up.
 *
 * X1. Complete: states are followed without a bound on time or attempts. What tells two states apart (`nameOf`) is all that
 *     a machine may decide by, so there are finitely many.
 * X2. As the runner does it: events that arrive together are reacted to before the plan is asked, what is not a success
 *     first (M6), and all that follows is one commit. A crash leaves the last commit: each is read back from its stored text.
 * X3. A finding names the shortest way there.
 */
import {
  applyMutation,
  machineOf,
  mergeMutations,
  type BranchResult,
  type CallKey,
  type Definition,
  type Machine,
  type MachineDefaults,
  type Mutation,
  type Plan,
  type Reaction,
  type Transaction,
  type TransactionEvent,
} from '../../src/index.js';
import { DrivenTransaction, type Opening } from '../support/driven-transaction.js';
import { holds, isSame } from '../support/holds.js';
import { labelOf, nameOf, pathOf, type Node } from './node.js';
import { readBack } from './read-back.js';

export interface Seen {
  readonly tx: Transaction;
  readonly now: number;
}

export interface Watcher {
  /** A state before its plan is applied, and that plan. */
  planned?(state: Seen, plan: Plan): void;
  /** An event in a state, what it does, and the transaction after it. */
  reacted?(state: Seen, event: TransactionEvent, reaction: Reaction, after: Transaction): void;
  /** One commit: what was durable, and what is. */
  committed?(before: Transaction, after: Transaction): void;
  /** A state that is durable: what a crash leaves. */
  durable?(state: Seen): void;
}

export interface Search {
  readonly definition: Definition;
  readonly defaults: MachineDefaults;
  readonly opening?: Opening;
  /** Events beside answers and verbs that every type knows: what is registered, and verdicts. */
  readonly events?: readonly TransactionEvent[];
  /** Operations that answer beside those of the branches that the definition names: of branches that are registered. */
  readonly keys?: readonly CallKey[];
  /** What a call that goes well leads to, where that is not the answer success: a workflow's code submits. */
  readonly fairly?: TransactionEvent;
  /** Time also passes by so much, not only to what the plan waits for: calls that back off get out of step. */
  readonly tickMs?: number;
  /** In place of the type's own: a machine with a defect, to see that it is found. */
  readonly machine?: Machine;
  /** Events join a commit in any order, against M6. */
  readonly isOrderFree?: boolean;
  /** Every state that is taken for a known one is compared with it: slow, and it shows that names tell enough (X1). */
  readonly areNamesChecked?: boolean;
  /** Searched only where the depth asked for is as large; 0 is part of `npm test`. */
  readonly depth?: number;
}

export interface SearchCounts {
  readonly states: number;
  readonly transitions: number;
}

const results: readonly BranchResult[] = [
  { kind: 'success' },
  { kind: 'failure', reason: 'refused' },
  { kind: 'ongoing', reason: 'busy' },
  { kind: 'unknown', reason: 'lost' },
];

const outside: readonly TransactionEvent[] = [
  { kind: 'submit', delayMs: 0 },
  { kind: 'submit', delayMs: 20 },
  { kind: 'abort', reason: 'changed my mind' },
  { kind: 'forceStop', reason: 'operator' },
  { kind: 'pause', reason: 'maintenance' },
  { kind: 'resume' },
  { kind: 'retryNow' },
];

/** How long a pause is followed at a time: nothing ends it by itself. */
const pauseMs = 10;
const plansInARowMax = 5;

/** The machine that a search explores. */
export function machineUnder({ machine, definition }: Search): Machine {
  return machine ?? machineOf(definition.type);
}

/** Runs one search; throws with the way there at the first thing that does not hold. */
export function search(options: Search, watcher: Watcher): SearchCounts {
  const run = new Exploration(options, watcher);
  run.explore();
  return { states: run.states, transitions: run.transitions };
}

class Exploration {
  states = 0;
  transitions = 0;
  readonly #known = new Map<string, Node>();
  readonly #queue: Node[] = [];
  readonly #events: readonly TransactionEvent[];
  readonly #machine: Machine;

  constructor(
    private readonly options: Search,
    private readonly watcher: Watcher,
  ) {
    this.#machine = machineUnder(options);
    this.#events = [...everyAnswer(options), ...outside, ...(options.events ?? [registration(options)])];
  }

  explore(): void {
    const { definition, defaults, opening } = this.options;
    const { tx, now } = new DrivenTransaction(definition, defaults, opening);
    this.#commit({ tx, now, base: tx, pending: undefined, batch: 'any', from: undefined, label: 'opened' });
    for (let at = 0; at < this.#queue.length; at += 1) {
      const node = this.#queue[at];
      if (node === undefined) break;
      this.#explain(node, () => {
        this.#follow(node);
      });
    }
  }

  #follow(node: Node): void {
    this.#react(node);
    if (node.pending !== undefined) {
      this.#commit({ ...node, from: node, label: 'commit' });
      return;
    }
    this.watcher.durable?.(node);
    const plan = this.#plan(node);
    const again = this.#machine.plan(readBack(node.tx), node.now, this.options.defaults);
    holds(isSame(again, plan), 'a crash forgets nothing', node.tx);
    for (const later of this.#latersOf(node, plan)) {
      // Time has passed: an event can be there before anybody has looked at the plan, or the other way round.
      const late: Node = { ...node, now: later, from: node, label: `after ${String(later - node.now)} ms` };
      this.#reach(late);
      this.#commit(late);
    }
  }

  #react(node: Node): void {
    const before = nameOf(node, this.options);
    for (const event of this.#events) {
      const isSuccess = event.kind === 'branchAnswered' && event.result.kind === 'success';
      if (node.batch === 'successes' && !isSuccess) continue;
      this.transitions += 1;
      const reaction = this.#machine.react(node.tx, event, node.now, this.options.defaults);
      const mutation = reaction.kind === 'changed' ? reaction.mutation : undefined;
      const tx = mutation === undefined ? node.tx : changedBy(node.tx, mutation, node.now);
      this.watcher.reacted?.(node, event, reaction, tx);
      if (mutation === undefined) continue;
      const pending = node.pending === undefined ? mutation : mergeMutations([node.pending, mutation]);
      const batch = isSuccess && this.options.isOrderFree !== true ? 'successes' : 'any';
      this.#reach({ tx, now: node.now, base: node.base, pending, batch, from: node, label: labelOf(event) });
    }
    holds(nameOf(node, this.options) === before, 'an event changes no state but its answer (M1)', node.tx);
  }

  /** Asks the plan until the transaction rests, all of it one commit, and follows what has become durable. */
  #commit(node: Node): void {
    let { tx, pending } = node;
    for (let turn = 0; ; turn += 1) {
      holds(turn < plansInARowMax, 'the plan comes to rest', tx);
      const plan = this.#plan({ ...node, tx });
      if (plan.kind !== 'mutate') break;
      pending = pending === undefined ? plan.mutation : mergeMutations([pending, plan.mutation]);
      tx = changedBy(tx, plan.mutation, node.now);
    }
    if (pending !== undefined) {
      holds(isSame(changedBy(node.base, pending, node.now), tx), 'one commit is the sum of its changes', node.base, tx);
    }
    this.watcher.committed?.(node.base, tx);
    this.#reach({ ...node, tx, base: tx, pending: undefined, batch: 'any' });
  }

  #plan(state: Seen): Plan {
    const { tx, now } = state;
    const plan = this.#machine.plan(tx, now, this.options.defaults);
    this.transitions += 1;
    this.watcher.planned?.(state, plan);
    return plan;
  }

  #latersOf({ now }: Seen, plan: Plan): readonly number[] {
    const { tickMs } = this.options;
    if (plan.kind === 'finished' || plan.kind === 'mutate') return [];
    const wakeAt = plan.kind === 'paused' ? now + pauseMs : plan.wakeAt;
    const tick = tickMs === undefined || (wakeAt !== undefined && now + tickMs >= wakeAt) ? [] : [now + tickMs];
    return wakeAt === undefined ? tick : [...tick, wakeAt];
  }

  #reach(node: Node): void {
    const name = nameOf(node, this.options);
    const known = this.#known.get(name);
    if (known !== undefined) {
      if (this.options.areNamesChecked === true)
        holds(this.#asks(known) === this.#asks(node), 'one name, one state', name);
      return;
    }
    this.#known.set(name, node);
    this.#queue.push(node);
    this.states += 1;
  }

  /** All that follows from a state, times told from now: what must be the same where names are (X1). */
  #asks({ tx, now, base, pending, batch, from }: Node): string {
    const plan = this.#machine.plan(tx, now, this.options.defaults);
    const told = JSON.stringify(plan, (key, value: unknown) => (key === 'wakeAt' ? Number(value) - now : value));
    const reactions = this.#events.map((event) => {
      const reaction = this.#machine.react(tx, event, now, this.options.defaults);
      if (reaction.kind !== 'changed') return reaction.kind;
      const after = changedBy(tx, reaction.mutation, now);
      return nameOf({ tx: after, now, base, pending, batch, from, label: '' }, this.options);
    });
    return [told, this.#machine.outcome(tx).kind, ...reactions].join('\n');
  }

  #explain(node: Node, follow: () => void): void {
    try {
      follow();
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      throw new Error(`${said}\nreached by: ${pathOf(node)}`, { cause: error });
    }
  }
}

/** The transaction after a mutation, leaving `tx` as it is. */
export function changedBy(tx: Transaction, mutation: Mutation, now: number): Transaction {
  return applyMutation({ ...tx, rows: new Map(tx.rows) }, mutation, now);
}

/** A branch that nobody has asked for; types whose branches are registered have events of their own in its place. */
function registration({ definition }: Search): TransactionEvent {
  const branch = { branchId: '01', op: 'action', status: 'prepared', urls: {}, payload: '' } as const;
  return { kind: 'registerBranch', registration: { ...branch, type: definition.type } };
}

/** Every operation that could ever answer, and some that do not exist. */
function everyAnswer({ definition, defaults, opening, keys: more = [] }: Search): readonly TransactionEvent[] {
  const { tx } = new DrivenTransaction(definition, defaults, opening);
  const branches = machineOf(definition.type).branches(tx);
  const all: readonly CallKey[] = [
    ...branches.map(({ branchId, op }) => ({ branchId, op })),
    ...more,
    { branchId: '00', op: 'msg' },
    { branchId: '01', op: 'compensate' },
    { branchId: '77', op: 'action' },
  ];
  const known = new Set<string>();
  const distinct = all.filter(({ branchId, op }) => known.size < known.add(`${branchId} ${op}`).size);
  return distinct.flatMap((key) => results.map((result) => ({ kind: 'branchAnswered' as const, ...key, result })));
}
