import { describe, expect, test } from 'vitest';
import type { Told } from '../kinds/told.js';
import type { Intent } from '../kinds/transaction-kind.js';
import type { Books, LedgerRow, RecordedStep } from './books.js';
import { brokenPromises } from './checks.js';

/** A transfer of 5 from a to b, which succeeded; a refused one; a message that was delivered; a TCC and two workflows. */
const transfer: Intent = {
  gid: 'transfer',
  effects: [
    { bank: 'a', account: 'x', change: -5 },
    { bank: 'b', account: 'x', change: 5 },
  ],
  mustFail: false,
  attempt: () => Promise.reject(new Error('not asked for')),
};
const refused: Intent = { ...transfer, gid: 'refused', mustFail: true };
const sent: Intent = { ...transfer, gid: 'sent', sender: 'a' };
const tried: Intent = { ...transfer, gid: 'tried', cannotFail: true };
const flow: Intent = { ...transfer, gid: 'flow', recordsSteps: true };
const undone: Intent = { ...flow, gid: 'undone', mustFail: true };
const told = (kind: Told['kind']): Told => ({ kind, why: '' });

const row = (bank: string, gid: string, branchId: string, op: string, change: number): LedgerRow => ({
  receipt: `${bank} ${gid} ${branchId} ${op}`,
  bank,
  gid,
  branchId,
  op,
  account: 'x',
  change,
});

const ledger: readonly LedgerRow[] = [
  row('a', 'transfer', '01', 'action', -5),
  row('b', 'transfer', '02', 'action', 5),
  row('a', 'refused', '01', 'action', -5),
  row('a', 'refused', '01', 'compensate', 5),
  row('a', 'sent', '00', 'msg', -5),
  row('b', 'sent', '01', 'action', 5),
  row('a', 'tried', '01', 'try', 0),
  row('a', 'tried', '01', 'confirm', -5),
  row('b', 'tried', '02', 'try', 0),
  row('b', 'tried', '02', 'confirm', 5),
  row('a', 'flow', '01', 'action', -5),
  row('b', 'flow', '02', 'business', 0),
  row('b', 'flow', '02', 'commit', 5),
  row('a', 'undone', '01', 'action', -5),
  row('a', 'undone', '01', 'compensate', 5),
];

const step = (gid: string, branchId: string, op: string, data: string): RecordedStep => ({
  gid,
  branchId,
  op,
  status: 'succeed',
  data,
});

const steps: readonly RecordedStep[] = [
  step('flow', '01', 'action', 'a flow 01 action'),
  step('flow', '02', 'business', 'b flow 02 business'),
  step('flow', '02', 'commit', 'b flow 02 commit'),
  step('undone', '01', 'action', 'a undone 01 action'),
  { ...step('undone', '02', 'try', 'no money'), status: 'failed' },
  step('undone', '02', 'cancel', 'nothing'),
  step('undone', '01', 'compensate', 'a undone 01 compensate'),
];

const balanced: Books = {
  records: [
    { kind: 'saga', intent: transfer, told: [told('succeeded')] },
    { kind: 'saga', intent: refused, told: [told('failed')] },
    { kind: 'message', intent: sent, told: [told('accepted'), told('succeeded')] },
    { kind: 'tcc', intent: tried, told: [told('accepted')] },
    { kind: 'workflow', intent: flow, told: [told('ongoing'), { ...told('succeeded'), result: 'ended' }] },
    { kind: 'workflow', intent: undone, told: [told('failed')] },
  ],
  statuses: new Map([
    ['transfer', 'succeed'],
    ['refused', 'failed'],
    ['sent', 'succeed'],
    ['tried', 'succeed'],
    ['flow', 'succeed'],
    ['undone', 'failed'],
  ]),
  results: new Map([['flow', 'ended']]),
  steps,
  held: [],
  complaints: [],
  ledger,
  accounts: [
    { bank: 'a', name: 'x', opening: 100, balance: 80, reserved: 0 },
    { bank: 'b', name: 'x', opening: 0, balance: 20, reserved: 0 },
  ],
};

const recordsName = 'every step that a workflow recorded is what its bank did, and nothing that counts is left out';
const resultsName = 'what a workflow ended with is kept, and what clients were told';

function broken(changes: Partial<Books>): string[] {
  return brokenPromises({ ...balanced, ...changes }).flatMap((check) => (check.broken.length > 0 ? [check.name] : []));
}

const withStatus = (gid: string, status: string | undefined): Partial<Books> => {
  const statuses = new Map(balanced.statuses);
  if (status === undefined) statuses.delete(gid);
  else statuses.set(gid, status);
  return { statuses };
};
const without = (gid: string, op: string): Partial<Books> => ({
  ledger: ledger.filter((one) => one.gid !== gid || one.op !== op),
});
const withRecord = (intent: Intent, kind: Told['kind']): Partial<Books> => ({
  records: [...balanced.records, { kind: 'one more', intent, told: [told(kind)] }],
});
const toldInstead = (index: number, ...kinds: Told['kind'][]): Partial<Books> => ({
  records: balanced.records.map((record, at) => (at === index ? { ...record, told: kinds.map(told) } : record)),
});

describe('the checks of the books', () => {
  test('find nothing where all promises are kept', () => {
    expect(broken({})).toEqual([]);
  });

  test.each<readonly [string, Partial<Books>, string]>([
    [
      'money that appeared',
      { accounts: [...balanced.accounts, { bank: 'b', name: 'y', opening: 0, balance: 1, reserved: 0 }] },
      'the sum of all balances is what it was at the beginning',
    ],
    [
      'a change without its row',
      without('transfer', 'action'),
      'every balance is its opening and what its ledger says',
    ],
    [
      'an effect that happened twice',
      { ledger: [...ledger, row('b', 'transfer', '02', 'action', 5)] },
      'every operation of a branch had its effect at most once',
    ],
    ['a saga done by half', without('transfer', 'action'), 'what succeeded has all of its effects'],
    [
      'a refused saga that is not undone',
      without('refused', 'compensate'),
      'what failed, and what never arrived, has no effect',
    ],
    [
      'an effect of a transaction that nobody has',
      { ledger: [...ledger, row('b', 'stranger', '01', 'action', 0)] },
      'no bank did anything for a transaction that the coordinator does not have',
    ],
    [
      'a message without its commit',
      without('sent', 'msg'),
      'a message was delivered if and only if its sender committed',
    ],
    [
      'a commit without its message',
      without('sent', 'action'),
      'a message was delivered if and only if its sender committed',
    ],
    [
      'an undelivered submit',
      { ...withStatus('given', 'failed'), ...withRecord({ ...transfer, gid: 'given', cannotFail: true }, 'accepted') },
      'what nobody may refuse succeeded once it was acknowledged',
    ],
    ['an impossible success', withStatus('refused', 'succeed'), 'what cannot be done was refused'],
    ['a lost acknowledgement', withStatus('transfer', undefined), 'nothing that was acknowledged is missing'],
    ['a success that is none', withStatus('transfer', 'failed'), 'every answer that a client got agrees with the end'],
    ['a failure that is none', toldInstead(0, 'failed'), 'every answer that a client got agrees with the end'],
    [
      'two answers that differ',
      toldInstead(1, 'succeeded', 'failed'),
      'every answer that a client got agrees with the end',
    ],
    [
      'a cancel of what was confirmed',
      { ledger: [...ledger, row('a', 'tried', '01', 'cancel', 0)] },
      'no branch was confirmed or committed unless all succeeded, and none was undone unless all failed',
    ],
    [
      'a commit of what failed',
      { ledger: [...ledger, row('b', 'undone', '03', 'commit', 0)] },
      'no branch was confirmed or committed unless all succeeded, and none was undone unless all failed',
    ],
    [
      'a branch that is still prepared',
      { held: [{ bank: 'a', gid: 'tried', branchId: '01' }] },
      'no bank holds anything back',
    ],
    [
      'money that is still set aside',
      { accounts: balanced.accounts.map((account) => ({ ...account, reserved: 1 })) },
      'no bank holds anything back',
    ],
    [
      'a call that may not be',
      { complaints: ['COMPLAINT commit of what is not prepared'] },
      'no bank was called for what no coordinator may ask',
    ],
    [
      'a step that is recorded and was not done',
      { steps: [...steps, step('flow', '03', 'action', 'c flow 03 action')] },
      recordsName,
    ],
    [
      'a step that is recorded as another',
      { steps: [...steps, step('flow', '03', 'action', 'a flow 01 action')] },
      recordsName,
    ],
    ['a step that was done and is not recorded', { steps: steps.filter(({ op }) => op !== 'commit') }, recordsName],
    ['an undoing that is not recorded', { steps: steps.filter(({ op }) => op !== 'compensate') }, recordsName],
    ['a lost result', { results: new Map() }, resultsName],
    ['another result than the one that was told', { results: new Map([['flow', 'otherwise']]) }, resultsName],
    ['work left over', withStatus('transfer', 'submitted'), 'no transaction is unfinished'],
    [
      'a run that did nothing',
      { records: [], ledger: [] },
      'transactions of every kind succeeded, under faults or made up alone after them, and some were refused',
    ],
  ])('find %s', (_, changes, name) => {
    expect(broken(changes)).toContain(name);
  });

  test('are content with a transaction that never arrived, and of which nobody was told anything', () => {
    const records = [
      ...balanced.records,
      { kind: 'saga', intent: { ...transfer, gid: 'lost' }, told: [told('unknown')] },
    ];
    expect(broken({ records })).toEqual([]);
  });
});
