/** A saga: all of its steps have happened, in order, or what may have started is undone, in reverse. */
import type { BranchCall } from '@tandem/coordinator';
import type { LedgerRecord } from '../oracles/ledger.js';
import type { Effects } from '../participants/effects.js';
import { sendAsks } from '../clients/send-asks.js';
import { branchId } from './draw-parts.js';
import { drawSaga } from './saga-draw.js';
import { failedAtOnce, SagaView } from './saga-view.js';
import type { TypeModel } from './type-model.js';

export const sagaModel: TypeModel = {
  type: 'saga',
  draw: drawSaga,
  act: (tx, world) => {
    world.tally.count('concurrentSaga', tx.body['concurrent'] === true ? 1 : 0);
    sendAsks(world, tx, tx.asks, 0);
  },
  callProblem,
  successProblem: (record) => (record.end?.status === 'succeed' ? undefined : 'told success, and it has not succeeded'),
  endProblems,
  restProblems: (record, effects, _tx, world) => [
    ...endProblems(record, effects),
    ...orderProblems(record, effects),
    ...blockedProblems(record, (host, branch) => world.hasBarrierRow(host, record.gid, branch, 'compensate')),
  ],
};

function callProblem(record: LedgerRecord, call: BranchCall): string | undefined {
  const saga = new SagaView(record);
  const index = Number(call.branchId) - 1;
  const { status } = record.head;
  if (call.op === 'action') {
    if (status !== 'submitted') return `an action, and it is ${status}`;
    return saga.mayHaveStarted(index) ? undefined : 'what comes before it has not durably succeeded';
  }
  if (status !== 'aborting') return `a compensation, and it is ${status}`;
  if (!saga.mayHaveStarted(index)) return 'a compensation of what cannot have started';
  return saga.areFollowersUndone(index) ? undefined : 'what comes after it is not durably compensated';
}

function endProblems(record: LedgerRecord, effects: Effects): readonly string[] {
  const saga = new SagaView(record);
  if (record.isForced) return [];
  const problems: string[] = [];
  for (const [index, step] of record.definition.steps.entries()) {
    const id = branchId(index);
    const isActed = effects.has(record.gid, id, 'action');
    const isUndone = effects.has(record.gid, id, 'compensate');
    if (record.end?.status === 'succeed') {
      if (!saga.isActionDone(index)) problems.push(`step ${id} has no durable success`);
      if (step.action !== '' && !isActed) problems.push(`step ${id} never happened`);
      if (isUndone) problems.push(`step ${id} was undone`);
    } else if (!failedAtOnce(record)) {
      if (!saga.isUndone(index)) problems.push(`step ${id} has no durable compensation`);
      if (isActed && step.compensate !== '' && !isUndone) problems.push(`step ${id} happened and was not undone`);
      if (isUndone && !isActed) problems.push(`step ${id} was undone and never happened`);
    }
    const effect = effects.find(record.gid, id, 'action');
    if (effect !== undefined && effect.payload !== step.payload) problems.push(`step ${id} got another payload`);
  }
  const keys = effects.of(record.gid).map(({ branchId: id, op }) => `${id} ${op}`);
  if (new Set(keys).size < keys.length) problems.push(`something happened twice: ${keys.join(', ')}`);
  return problems;
}

/** Actions in order, compensations in reverse: told by what happened to the participants' data. */
function orderProblems(record: LedgerRecord, effects: Effects): readonly string[] {
  const saga = new SagaView(record);
  const orderOf = (index: number, op: string): number | undefined =>
    effects.find(record.gid, branchId(index), op)?.order;
  return record.definition.steps.flatMap((_, index) =>
    saga.predecessorsOf(index).flatMap((before) => {
      const wrong: string[] = [];
      const [action, actionBefore] = [orderOf(index, 'action'), orderOf(before, 'action')];
      const [undo, undoBefore] = [orderOf(index, 'compensate'), orderOf(before, 'compensate')];
      const names = `${branchId(before)} and ${branchId(index)}`;
      if (action !== undefined && actionBefore !== undefined && action < actionBefore)
        wrong.push(`actions ${names} out of order`);
      if (undo !== undefined && undoBefore !== undefined && undo > undoBefore) {
        wrong.push(`compensations ${names} out of order`);
      }
      return wrong;
    }),
  );
}

/** Whatever action went out of a saga that rolled back, the refused one too, can never happen any more. */
function blockedProblems(
  record: LedgerRecord,
  isBlocked: (host: string, branch: string) => boolean,
): readonly string[] {
  if (record.isForced || record.end?.status !== 'failed' || failedAtOnce(record)) return [];
  return record.definition.steps.flatMap((step, index) => {
    const id = branchId(index);
    if (step.compensate === '' || !record.called.has(`${id} action`)) return [];
    return isBlocked(step.compensate, id) ? [] : [`step ${id} was called and its compensation never arrived`];
  });
}
