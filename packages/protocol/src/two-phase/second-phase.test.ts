import { describe, expect, test } from 'vitest';
import { plainDefaults, tccBranch, twoPhase, xaBranch } from '../../test/support/definitions.js';
import { DrivenTransaction } from '../../test/support/driven-transaction.js';
import { SeededRandom } from '../../test/support/seeded-random.js';
import { machineOf, type BranchOp, type BranchResult, type Transaction, type TransactionEvent } from '../index.js';

const ids = ['01', '0101', '0102', '02', '03', '0301', '030101'];
const results: readonly BranchResult[] = [
  { kind: 'success' },
  { kind: 'success' },
  { kind: 'ongoing', reason: 'busy' },
  { kind: 'unknown', reason: 'lost' },
];

/** Mostly what moves a transaction on, with what comes late, twice or out of turn in between. */
function anyEvent(random: SeededRandom, { tx }: DrivenTransaction): TransactionEvent {
  const type = tx.definition.type;
  const branchId = random.pick(ids);
  const [forward, back]: readonly [BranchOp, BranchOp] = type === 'xa' ? ['commit', 'rollback'] : ['confirm', 'cancel'];
  if (tx.head.status === 'prepared' && random.below(12) > 0) {
    const registration = type === 'xa' ? xaBranch(branchId) : tccBranch(branchId, random.pick(['on', 'on', 'o', 'n']));
    return { kind: 'registerBranch', registration };
  }
  switch (random.below(20)) {
    case 0:
      return { kind: 'abort', reason: 'no' };
    case 1:
      return { kind: 'submit', delayMs: 0 };
    case 2:
      return { kind: 'retryNow' };
    case 3:
      return { kind: 'pause', reason: '' };
    case 4:
      return { kind: 'resume' };
    default: {
      const isAborting = tx.head.status === 'aborting';
      const op = isAborting === random.below(10) > 0 ? back : forward;
      return { kind: 'branchAnswered', branchId, op, result: random.pick(results) };
    }
  }
}

/** As it is read from a store: equal, and nothing of it known. */
function copied(tx: Transaction): Transaction {
  return { ...tx, definition: { ...tx.definition }, rows: new Map(tx.rows) };
}

describe.each(['tcc', 'xa'] as const)('what is kept beside the rows of a %s', (type) => {
  const machine = machineOf(type);

  test.each(Array.from({ length: 40 }, (_, seed) => seed))('is never old: seed %i', (seed) => {
    const random = new SeededRandom(seed);
    const definition = twoPhase(type, { timeoutToFailMs: 500, retry: random.flag() ? { limit: 2 } : {} });
    const run = new DrivenTransaction(definition, plainDefaults, { intent: 'prepare' });
    for (let turn = 0; turn < 120; turn += 1) {
      const before = copied(run.tx);
      const event = anyEvent(random, run);
      const fresh = machine.react(before, event, run.now, run.defaults);
      expect(run.happens(event)).toEqual(fresh);
      // As a run does: what comes next is planned before the change is durable.
      run.settle();
      // The change was not made, somebody else made another: what is stored is read again, into other rows.
      if (random.below(10) === 0) run.tx = { ...before, definition };
      expect(machine.plan(run.tx, run.now, run.defaults)).toEqual(machine.plan(copied(run.tx), run.now, run.defaults));
      if (random.below(4) === 0) run.now += random.below(12);
    }
  });
});
