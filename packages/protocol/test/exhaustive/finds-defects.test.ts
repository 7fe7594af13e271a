import { describe, expect, test } from 'vitest';
import {
  machineOf,
  type BranchRow,
  type Machine,
  type Mutation,
  type Plan,
  type Transaction,
} from '../../src/index.js';
import { plainDefaults, saga } from '../support/definitions.js';
import { explore } from './explore.js';
import { messageCases } from './message-cases.js';
import { sagaCases } from './saga-cases.js';
import type { Search } from './search.js';
import { searchedTypes } from './searched-types.js';

const sagaMachine = machineOf('saga');
const messageMachine = machineOf('msg');

/** A case of the search that must exist. */
function caseOf(cases: Readonly<Record<string, Search>>, label: string): Search {
  const options = cases[label];
  if (options === undefined) throw new Error(`no case ${label}`);
  return options;
}

const twoSteps = caseOf(sagaCases, 'two steps');
const sideBySide = caseOf(sagaCases, 'two steps side by side');
const limited = caseOf(sagaCases, 'a limit that pauses');
const timed = caseOf(sagaCases, 'two steps side by side with a time limit');

/** A machine whose changes pass through `spoil`. */
function spoiled(machine: Machine, spoil: (mutation: Mutation, tx: Transaction) => Mutation): Machine {
  return {
    ...machine,
    react(tx, event, now, defaults) {
      const reaction = machine.react(tx, event, now, defaults);
      return reaction.kind === 'changed' ? { kind: 'changed', mutation: spoil(reaction.mutation, tx) } : reaction;
    },
  };
}

function replanned(machine: Machine, plan: (asked: Plan, tx: Transaction, now: number) => Plan): Machine {
  return { ...machine, plan: (tx, now, defaults) => plan(machine.plan(tx, now, defaults), tx, now) };
}

const defects: readonly (readonly [what: string, options: Search, found: RegExp])[] = [
  [
    'a refusal that does not begin the roll-back',
    {
      ...twoSteps,
      machine: spoiled(sagaMachine, ({ rows, state }) => ({ ...(rows && { rows }), ...(state && { state }) })),
    },
    /recorded, where the table says/,
  ],
  [
    'a success that is not recorded while the status goes on',
    {
      ...twoSteps,
      machine: replanned(sagaMachine, (plan, tx) =>
        tx.head.status === 'submitted' && tx.rows.size > 0 && plan.kind === 'calls'
          ? { kind: 'mutate', mutation: { status: 'succeed' } }
          : plan,
      ),
    },
    /every step succeeded/,
  ],
  [
    'a refused step that is not compensated',
    {
      ...twoSteps,
      machine: replanned(sagaMachine, (plan, tx) =>
        plan.kind === 'calls' && tx.head.status === 'aborting' && tx.rows.get('01 action')?.status === 'failed'
          ? { kind: 'mutate', mutation: { status: 'failed' } }
          : plan,
      ),
    },
    /every step that may have started is undone/,
  ],
  [
    'a back-off that is lost',
    {
      ...twoSteps,
      machine: spoiled(sagaMachine, (mutation) => withRows(mutation, (row) => ({ ...row, nextAttemptAt: 0 }))),
    },
    /a repeated event changes nothing/,
  ],
  [
    'an outcome of an action that is recorded while aborting',
    {
      ...twoSteps,
      machine: {
        ...sagaMachine,
        react(tx, event, now, defaults) {
          const submitted = { ...tx, head: { ...tx.head, status: 'submitted' as const } };
          const isAnswer = event.kind === 'branchAnswered' && event.op === 'action' && event.result.kind === 'success';
          const isLate = tx.head.status === 'aborting' && isAnswer;
          return sagaMachine.react(isLate ? submitted : tx, event, now, defaults);
        },
      },
    },
    /aborting x action .*, where the table says unchanged/,
  ],
  [
    'an event that reopens what is finished',
    {
      ...twoSteps,
      machine: {
        ...sagaMachine,
        react(tx, event, now, defaults) {
          if (event.kind === 'retryNow' && tx.head.status === 'failed')
            return { kind: 'changed', mutation: { status: 'aborting' } };
          return sagaMachine.react(tx, event, now, defaults);
        },
      },
    },
    /failed x retryNow/,
  ],
  [
    'a resume that leaves a used-up limit used up',
    {
      ...limited,
      machine: spoiled(sagaMachine, (mutation) =>
        mutation.isPaused === false
          ? withRows(mutation, (row) => ({ ...row, attempts: 9, nextAttemptAt: Infinity }))
          : mutation,
      ),
    },
    /it ends once faults stop|a crash forgets nothing|cannot read/,
  ],
  [
    'a plan that rests on what is kept beside durable state',
    {
      ...twoSteps,
      machine: replanned(sagaMachine, (plan, tx) =>
        plan.kind === 'wait' && tx.definition !== twoSteps.definition ? { kind: 'calls', calls: [], wakeAt: 1 } : plan,
      ),
    },
    /a crash forgets nothing/,
  ],
  [
    'a plan that waits for nothing',
    {
      ...twoSteps,
      machine: replanned(sagaMachine, (plan, _, now) => (plan.kind === 'wait' ? { ...plan, wakeAt: now } : plan)),
    },
    /waits for later/,
  ],
  [
    'successes that join a commit before a refusal',
    { ...timed, definition: saga(['ac', 'ac', 'ac'], { isConcurrent: true, orders: { 2: [0] } }), isOrderFree: true },
    /starts nothing/,
  ],
  [
    'a message that is sent before it is decided',
    {
      ...caseOf(messageCases, 'prepared'),
      machine: replanned(messageMachine, (plan, tx, now) =>
        plan.kind === 'wait' && tx.head.status === 'prepared'
          ? messageMachine.plan({ ...tx, head: { ...tx.head, status: 'submitted' } }, now, plainDefaults)
          : plan,
      ),
    },
    /prepared x plan: call action|not sent/,
  ],
  [
    'a delay that is not kept',
    {
      ...caseOf(messageCases, 'a delay'),
      machine: replanned(messageMachine, (plan, tx, now) =>
        plan.kind === 'wait' && tx.rows.size === 0 ? messageMachine.plan(tx, now + 20, plainDefaults) : plan,
      ),
    },
    /the delay is kept/,
  ],
];

function withRows(mutation: Mutation, change: (row: BranchRow) => BranchRow): Mutation {
  if (mutation.rows === undefined) return mutation;
  return { ...mutation, rows: mutation.rows.map((row) => (row.status === 'prepared' ? change(row) : row)) };
}

describe('what the search takes for one state', () => {
  const cases: readonly (readonly [string, Search])[] = [
    ['two steps out of step with the clock', caseOf(sagaCases, 'two steps out of step with the clock')],
    ['a time limit', caseOf(sagaCases, 'a time limit')],
    ['a limit of retries', limited],
    ['two steps side by side', sideBySide],
    ['a message with a delay, prepared', caseOf(messageCases, 'prepared with a delay')],
    ['a back-check with a limit', caseOf(messageCases, 'a check with a limit and an interval of its own')],
  ];

  test.each(cases)('asks for the same: %s', (_, options) => {
    explore(searchedTypes[options.definition.type], { ...options, areNamesChecked: true });
  });

  test('and a machine that decides by more than a name tells is found', () => {
    const machine = replanned(sagaMachine, (plan, tx) =>
      plan.kind === 'wait' && [...tx.rows.values()].some(({ attempts }) => attempts > 1)
        ? { ...plan, wakeAt: plan.wakeAt + 1 }
        : plan,
    );
    const options = { ...twoSteps, machine, areNamesChecked: true };
    expect(() => explore(searchedTypes.saga, options)).toThrow('one name, one state');
  });
});

describe('the search finds', () => {
  test.each(defects)('%s', (_, options, found) => {
    expect(() => explore(searchedTypes[options.definition.type], options)).toThrow(found);
  });

  test('the shortest way to a defect', () => {
    const machine = spoiled(sagaMachine, (mutation) =>
      mutation.isPaused === true && mutation.rows === undefined ? { ...mutation, status: 'succeed' } : mutation,
    );
    expect(() => explore(searchedTypes.saga, { ...sideBySide, machine })).toThrow(/reached by: opened$/);
  });
});
