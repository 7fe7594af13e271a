import { describe, expect, test } from 'vitest';
import {
  machineOf,
  type Machine,
  type Mutation,
  type Plan,
  type Transaction,
  type TransactionEvent,
} from '../../src/index.js';
import { explore } from './explore.js';
import type { Search } from './search.js';
import { searchedTypes } from './searched-types.js';
import { tccCases } from './tcc-cases.js';
import { workflowCases } from './workflow-cases.js';
import { xaCases } from './xa-cases.js';

const tcc = machineOf('tcc');
const xa = machineOf('xa');
const workflow = machineOf('workflow');

type Change = (mutation: Mutation, tx: Transaction, event: TransactionEvent) => Mutation;

/** A machine whose changes pass through `change`. */
function spoiled(machine: Machine, change: Change): Machine {
  return {
    ...machine,
    react(tx, event, now, defaults) {
      const reaction = machine.react(tx, event, now, defaults);
      return reaction.kind === 'changed'
        ? { kind: 'changed', mutation: change(reaction.mutation, tx, event) }
        : reaction;
    },
  };
}

/** A machine that plans for another transaction than it is given. */
function misled(machine: Machine, seen: (tx: Transaction) => Transaction): Machine {
  return { ...machine, plan: (tx, now, defaults) => machine.plan(seen(tx), now, defaults) };
}

/** A machine that reacts as if its transaction were another. */
function deceived(machine: Machine, seen: (tx: Transaction, event: TransactionEvent) => Transaction): Machine {
  return { ...machine, react: (tx, event, now, defaults) => machine.react(seen(tx, event), event, now, defaults) };
}

function replanned(machine: Machine, change: (plan: Plan, tx: Transaction) => Plan): Machine {
  return { ...machine, plan: (tx, now, defaults) => change(machine.plan(tx, now, defaults), tx) };
}

function caseOf(cases: Readonly<Record<string, Search>>, label: string, machine: Machine): Search {
  const options = cases[label];
  if (options === undefined) throw new Error(`no case ${label}`);
  return { ...options, machine };
}

function withStatus(tx: Transaction, status: Transaction['head']['status']): Transaction {
  return { ...tx, head: { ...tx.head, status } };
}

function withoutRow(tx: Transaction, key: string): Transaction {
  return { ...tx, rows: new Map([...tx.rows].filter(([other]) => other !== key)) };
}

/** The order of registration, told the other way round. */
function reversed(tx: Transaction): Transaction {
  const rows = [...tx.rows].map(([key, row]) => {
    const { registered } = row;
    return [
      key,
      registered === undefined ? row : { ...row, registered: { ...registered, ordinal: -registered.ordinal } },
    ] as const;
  });
  return { ...tx, rows: new Map(rows) };
}

const defects: readonly (readonly [what: string, options: Search, found: RegExp])[] = [
  [
    'a TCC that confirms what it is still asked to decide',
    caseOf(
      tccCases,
      'two branches',
      misled(tcc, (tx) => (tx.rows.size > 1 ? withStatus(tx, 'submitted') : tx)),
    ),
    /prepared x plan: call confirm/,
  ],
  [
    'a TCC that turns round after its decision',
    caseOf(
      tccCases,
      'two branches',
      deceived(tcc, (tx, event) =>
        event.kind === 'abort' && tx.head.status === 'submitted' ? withStatus(tx, 'prepared') : tx,
      ),
    ),
    /submitted x abort: to aborting/,
  ],
  [
    'a TCC that registers after its decision',
    caseOf(
      tccCases,
      'two branches',
      deceived(tcc, (tx, event) => (event.kind === 'registerBranch' ? withStatus(tx, 'prepared') : tx)),
    ),
    /x registerBranch: recorded/,
  ],
  [
    'a TCC that registers when its time is over',
    caseOf(
      tccCases,
      'one branch out of step with the clock',
      deceived(tcc, (tx, event) =>
        event.kind === 'registerBranch' ? { ...tx, head: { ...tx.head, createdAt: tx.head.createdAt + 100 } } : tx,
      ),
    ),
    /registered within the time limit/,
  ],
  [
    'a TCC that forgets a branch',
    caseOf(
      tccCases,
      'two branches',
      misled(tcc, (tx) => withoutRow(tx, '01 try')),
    ),
    /all went forward|all went back/,
  ],
  ['a TCC in the order of an XA', caseOf(tccCases, 'two branches', misled(tcc, reversed)), /the next in the order/],
  ['an XA in the order of a TCC', caseOf(xaCases, 'two branches', misled(xa, reversed)), /the next in the order/],
  [
    'an XA branch that is called before what is inside it',
    caseOf(
      xaCases,
      'a branch inside another',
      replanned(xa, (plan) =>
        plan.kind === 'calls'
          ? { ...plan, calls: plan.calls.map((call) => ({ ...call, branchId: '01', url: 'http://xa01' })) }
          : plan,
      ),
    ),
    /not called again|what was registered is called/,
  ],
  [
    'an XA that sends a payload',
    caseOf(
      xaCases,
      'two branches',
      replanned(xa, (plan) =>
        plan.kind === 'calls' ? { ...plan, calls: plan.calls.map((call) => ({ ...call, payload: 'none' })) } : plan,
      ),
    ),
    /what was registered is called/,
  ],
  [
    'a limit that ends a decided TCC',
    caseOf(
      tccCases,
      'a limit',
      spoiled(tcc, (mutation, _, event) =>
        event.kind === 'branchAnswered' && mutation.isPaused === true ? { ...mutation, status: 'failed' } : mutation,
      ),
    ),
    /submitted x confirm .*: to failed/,
  ],
  [
    'a workflow that takes a success of its service for its end',
    caseOf(
      workflowCases,
      'no steps',
      spoiled(workflow, (mutation, _, event) =>
        event.kind === 'branchAnswered' && event.result.kind === 'success' ? { status: 'succeed' } : mutation,
      ),
    ),
    /prepared x resume success: to succeed/,
  ],
  [
    'a workflow that replaces a step',
    caseOf(
      workflowCases,
      'a step that two executions end differently',
      deceived(workflow, (tx, event) => (event.kind === 'registerBranch' ? withoutRow(tx, '01 action') : tx)),
    ),
    /a repeated event changes nothing/,
  ],
  [
    'a workflow that is resumed although it records',
    caseOf(
      workflowCases,
      'a step, out of step with the clock',
      spoiled(workflow, (mutation, _, event) =>
        event.kind === 'registerBranch'
          ? { ...mutation, rows: (mutation.rows ?? []).map((row) => ({ ...row, nextAttemptAt: 0 })) }
          : mutation,
      ),
    ),
    /nobody starts it beside/,
  ],
  [
    'a workflow that loses its result',
    caseOf(
      workflowCases,
      'no steps',
      spoiled(workflow, (mutation, _, event) => (event.kind === 'submit' ? { ...mutation, rows: [] } : mutation)),
    ),
    /the result is kept/,
  ],
];

describe('the search finds', () => {
  test.each(defects)('%s', (_, options, found) => {
    expect(() => explore(searchedTypes[options.definition.type], options)).toThrow(found);
  });
});

describe('what the search takes for one state asks for the same', () => {
  const cases: readonly (readonly [string, Search])[] = [
    ['a TCC with a time limit', caseOf(tccCases, 'one branch out of step with the clock', tcc)],
    ['a TCC with a limit of retries', caseOf(tccCases, 'a limit of none that asks for a roll-back', tcc)],
    ['an XA of two', caseOf(xaCases, 'a branch inside another', xa)],
    ['a workflow', caseOf(workflowCases, 'a step, out of step with the clock', workflow)],
    ['a workflow with a limit of resumes', caseOf(workflowCases, 'a limit', workflow)],
  ];

  test.each(cases)('%s', (_, options) => {
    explore(searchedTypes[options.definition.type], { ...options, areNamesChecked: true });
  });
});
