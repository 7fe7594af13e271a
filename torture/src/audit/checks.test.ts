import { describe, expect, test } from 'vitest';
import type { Told } from '../kinds/told.js';
import type { Intent } from '../kinds/transaction-kind.js';
import type { Books, LedgerRow } from './books.js';
import { brokenPromises } from './checks.js';

/** A transfer of 5 from a to b, which succeeded; a refused one; and a message that was delivered. */
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
const told = (kind: Told['kind']): Told => ({ kind, why: '' });

const row = (bank: string, gid: string, branchId: string, op: string, change: number): LedgerRow => ({
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
];

const balanced: Books = {
  records: [
    { kind: 'saga', intent: transfer, told: [told('succeeded')] },
    { kind: 'saga', intent: refused, told: [told('failed')] },
    { kind: 'message', intent: sent, told: [told('accepted'), told('succeeded')] },
  ],
  statuses: new Map([
    ['transfer', 'succeed'],
    ['refused', 'failed'],
    ['sent', 'succeed'],
  ]),
  ledger,
  accounts: [
    { bank: 'a', name: 'x', opening: 100, balance: 90 },
    { bank: 'b', name: 'x', opening: 0, balance: 10 },
  ],
};

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
      { accounts: [...balanced.accounts, { bank: 'b', name: 'y', opening: 0, balance: 1 }] },
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
    ['work left over', withStatus('transfer', 'submitted'), 'no transaction is unfinished'],
    [
      'a run that did nothing',
      { records: [], ledger: [] },
      'transactions of every kind succeeded, and some were refused',
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
