/** An XA: the work of every branch is committed, or that of every one is rolled back, and nothing stays prepared. */
import type { BranchCall } from '@tandem/coordinator';
import { actAsTwoPhaseCaller } from '../clients/two-phase-caller.js';
import { beginXaBranch, workInXa } from '../clients/xa-branch.js';
import type { TransactionDraw } from '../draw/draw.js';
import type { LedgerRecord } from '../oracles/ledger.js';
import type { Effects } from '../participants/effects.js';
import { callsLeft, turnProblem, type PhaseOrder } from './phase-order.js';
import { preparedLeft } from './prepared-left.js';
import { drawTwoPhase } from './two-phase-draw.js';
import type { CallMoment, TypeModel } from './type-model.js';

const order: PhaseOrder = { registeredOp: 'action', isBackwards: false };

export const xaModel: TypeModel = {
  type: 'xa',
  draw: (random, scene) => drawTwoPhase(random, scene, 'xa'),
  act: (tx, world) => {
    actAsTwoPhaseCaller(tx, world, beginXaBranch(tx, world));
  },
  serve: (call, participant, world, answer) => {
    if (call.op !== 'action') return false;
    workInXa(call, participant, world, answer);
    return true;
  },
  callProblem,
  callsLeft: (record) => callsLeft(record, record.head.status === 'submitted' ? 'commit' : 'rollback', order),
  successProblem: (record) => (record.end?.status === 'succeed' ? undefined : 'told success, and it has not succeeded'),
  endProblems,
  restProblems: (record, effects, tx, world) => [
    ...endProblems(record, effects),
    ...(record.isForced ? [] : preparedLeft(record.gid, world)),
    ...beginningProblems(record, tx),
  ],
};

function callProblem(record: LedgerRecord, call: BranchCall, moment: CallMoment): string | undefined {
  const { branchId, op, payload } = call;
  const { status } = record.head;
  if (op !== 'commit' && op !== 'rollback') return 'the coordinator does not call it';
  if (record.statusOf(branchId, 'action') === undefined) return 'it was never registered';
  if (status !== (op === 'commit' ? 'submitted' : 'aborting')) return `${op}, and it is ${status}`;
  if (payload !== '') return 'it is sent a payload, and the databases know what they prepared';
  return turnProblem(record, call, order, moment);
}

function endProblems(record: LedgerRecord, effects: Effects): readonly string[] {
  const { gid } = record;
  const all = effects.of(gid);
  const problems: string[] = [];
  if (all.some(({ op }) => op === 'commit') && all.some(({ op }) => op === 'rollback')) {
    problems.push('the work of one branch was committed and that of another rolled back');
  }
  if (record.wasSubmitted && record.wasAborting) problems.push('it was decided twice');
  const branches = all.map(({ branchId }) => branchId);
  if (new Set(branches).size < branches.length) problems.push(`a branch was ended twice: ${branches.join(', ')}`);
  if (record.isForced) return problems;
  const op = record.end?.status === 'succeed' ? 'commit' : 'rollback';
  for (const branch of record.branchesWith('action')) {
    if (!record.hasSucceeded(branch, op)) problems.push(`${branch} has no durable ${op}`);
    if (op === 'commit' && !effects.has(gid, branch, op)) problems.push(`the work of ${branch} is lost`);
  }
  if (op === 'rollback' && all.some((effect) => effect.op === 'commit')) problems.push('something was committed');
  return problems;
}

function beginningProblems(record: LedgerRecord, tx: TransactionDraw): readonly string[] {
  const isShort = record.end?.status === 'succeed' && record.branchesWith('action').length < tx.steps.length;
  return isShort ? ['it succeeded before all branches were registered'] : [];
}
