/** What must be true of the books, whatever happened. None knows a type of transaction. */
import { isAcknowledged } from '../load/client-record.js';
import type { Books, Check } from './books.js';
import { noComplaints, nothingHeld, oneDecision } from './branch-checks.js';
import { grouped, net, perTransaction, sum } from './grouped-books.js';
import { recordsAreTrue, resultsAreKept } from './workflow-checks.js';

const sumIsConstant: Check = {
  name: 'the sum of all balances is what it was at the beginning',
  broken: ({ accounts }) => {
    const before = sum(accounts.map(({ opening }) => opening));
    const after = sum(accounts.map(({ balance }) => balance));
    return before === after ? [] : [`it was ${String(before)} and is ${String(after)}`];
  },
};

const balancesFollowLedger: Check = {
  name: 'every balance is its opening and what its ledger says',
  broken: ({ accounts, ledger }) => {
    const rows = grouped(ledger, ({ bank, account }) => `${bank}/${account}`);
    return accounts.flatMap(({ bank, name, opening, balance }) => {
      const expected = opening + sum((rows.get(`${bank}/${name}`) ?? []).map(({ change }) => change));
      return expected === balance ? [] : [`${bank}/${name} is ${String(balance)}, not ${String(expected)}`];
    });
  },
};

const onceEach: Check = {
  name: 'every operation of a branch had its effect at most once',
  broken: ({ ledger }) =>
    [...grouped(ledger, ({ bank, gid, branchId, op }) => `${bank} ${gid} ${branchId} ${op}`)]
      .filter(([, rows]) => rows.length > 1)
      .map(([what, rows]) => `${what}: ${String(rows.length)} times`),
};

const noStrangers: Check = {
  name: 'no bank did anything for a transaction that the coordinator does not have',
  broken: ({ ledger, statuses }) =>
    ledger.filter(({ gid }) => !statuses.has(gid)).map(({ bank, gid, op }) => `${bank}: ${op} of ${gid}`),
};

const allFinished: Check = {
  name: 'no transaction is unfinished',
  broken: ({ statuses }) =>
    [...statuses].filter(([, status]) => !isFinal(status)).map(([gid, status]) => `${gid} is ${status}`),
};

function isFinal(status: string): boolean {
  return status === 'succeed' || status === 'failed';
}

const succeededHasAll: Check = {
  name: 'what succeeded has all of its effects',
  broken: perTransaction(({ intent }, { status, rows }) => {
    if (status !== 'succeed' || net(rows) === net(intent.effects)) return '';
    return `the banks say "${net(rows)}", it should be "${net(intent.effects)}"`;
  }),
};

const failedHasNone: Check = {
  name: 'what failed, and what never arrived, has no effect',
  broken: perTransaction((_, { status, rows }) =>
    status === 'succeed' || net(rows) === '' ? '' : `the banks say "${net(rows)}", and it is ${status ?? 'missing'}`,
  ),
};

const acknowledgedIsThere: Check = {
  name: 'nothing that was acknowledged is missing',
  broken: perTransaction(({ told }, { status }) =>
    status === undefined && told.some(isAcknowledged) ? 'it was acknowledged, and the store does not have it' : '',
  ),
};

const answersAgree: Check = {
  name: 'every answer that a client got agrees with the end',
  broken: perTransaction(({ told }, { status }) => {
    if (told.some(({ kind }) => kind === 'succeeded') && status !== 'succeed') {
      return `a client was told that it succeeded, and it is ${status ?? 'missing'}`;
    }
    const refusal = told.find(({ kind }) => kind === 'failed' || kind === 'refused');
    if (refusal === undefined || status !== 'succeed') return '';
    return `a client was told that it failed (${refusal.why}), and it succeeded`;
  }),
};

const submittedIsDelivered: Check = {
  name: 'what nobody may refuse succeeded once it was acknowledged',
  broken: perTransaction(({ intent, told }, { status }) => {
    const isDecided = intent.cannotFail === true && told.some(isAcknowledged);
    return isDecided && status !== 'succeed' ? `it is ${status ?? 'missing'}` : '';
  }),
};

const impossibleFails: Check = {
  name: 'what cannot be done was refused',
  broken: perTransaction(({ intent }, { status }) => (intent.mustFail && status === 'succeed' ? 'it succeeded' : '')),
};

const deliveredIfCommitted: Check = {
  name: 'a message was delivered if and only if its sender committed',
  broken: perTransaction(({ intent }, { status, rows }) => {
    if (intent.sender === undefined) return '';
    const isCommitted = rows.some(({ bank, op }) => bank === intent.sender && op === 'msg');
    const isDelivered = rows.some(({ op }) => op !== 'msg');
    if (isCommitted === (status === 'succeed') && isCommitted === isDelivered) return '';
    return `committed: ${String(isCommitted)}, delivered: ${String(isDelivered)}, status ${status ?? 'missing'}`;
  }),
};

/** So that a run that did nothing does not pass. */
const everythingHappened: Check = {
  name: 'transactions of every kind succeeded, under faults or made up alone after them, and some were refused',
  broken: ({ records, statuses }) => {
    const kinds = grouped(records, ({ kind }) => kind);
    const none = [...kinds].flatMap(([kind, group]) =>
      group.every(({ intent }) => intent.mustFail) || group.some(({ intent }) => statuses.get(intent.gid) === 'succeed')
        ? []
        : [`no ${kind} succeeded`],
    );
    const isAnyRefused = records.some(({ told }) => told.some(({ kind }) => kind === 'failed'));
    return isAnyRefused ? none : [...none, 'nothing was refused'];
  },
};

export const checks: readonly Check[] = [
  sumIsConstant,
  balancesFollowLedger,
  onceEach,
  succeededHasAll,
  failedHasNone,
  noStrangers,
  deliveredIfCommitted,
  submittedIsDelivered,
  impossibleFails,
  acknowledgedIsThere,
  answersAgree,
  oneDecision,
  nothingHeld,
  noComplaints,
  recordsAreTrue,
  resultsAreKept,
  allFinished,
  everythingHappened,
];

export function brokenPromises(books: Books): { readonly name: string; readonly broken: readonly string[] }[] {
  return checks.map((check) => ({ name: check.name, broken: check.broken(books) }));
}
