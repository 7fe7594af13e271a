import { expect, test } from 'vitest';
import { saga, plainDefaults } from '../../test/support/definitions.js';
import { DrivenTransaction } from '../../test/support/driven-transaction.js';
import { SeededRandom } from '../../test/support/seeded-random.js';
import type { BranchRow, Mutation, Transaction } from '../index.js';
import { applyMutation, mergeMutations } from './apply-mutation.js';

function anyMutation(random: SeededRandom): Mutation {
  const row = (): BranchRow => ({
    branchId: random.pick(['01', '02']),
    op: random.pick(['action', 'compensate']),
    status: random.pick(['prepared', 'succeed']),
    attempts: random.below(5),
    nextAttemptAt: 0,
    reason: '',
    createdAt: 1,
    updatedAt: 1,
  });
  return {
    ...(random.flag() && { status: random.pick(['submitted', 'aborting', 'failed'] as const) }),
    ...(random.flag() && { isPaused: random.flag() }),
    ...(random.flag() && { state: random.flag() ? { reason: random.text(2) } : { delayMs: random.below(5) } }),
    ...(random.flag() && { rows: random.list(3, row) }),
  };
}

function opened(): Transaction {
  return new DrivenTransaction(saga(['ac', 'ac']), plainDefaults).tx;
}

test('a merged mutation does what both would do, one after the other', () => {
  const random = new SeededRandom(9);
  for (let round = 0; round < 5_000; round += 1) {
    const [first, second] = [anyMutation(random), anyMutation(random)];
    if (first.status === 'failed') continue;
    const apart = applyMutation(applyMutation(opened(), first, 2), second, 2);
    expect(applyMutation(opened(), mergeMutations([first, second]), 2)).toEqual(apart);
  }
});

test('the end has a time, which later changes keep, and ends a pause', () => {
  let tx = applyMutation(opened(), { isPaused: true }, 2);
  tx = applyMutation(tx, { status: 'failed' }, 3);
  expect(tx.head).toMatchObject({ status: 'failed', isPaused: false, finishedAt: 3, updatedAt: 3 });
  expect(applyMutation(tx, {}, 4).head.finishedAt).toBe(3);
});
