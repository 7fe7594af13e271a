/** A TCC: every branch that was tried is confirmed, or every one is cancelled; never both. */
import type { BranchCall } from '@tandem/coordinator';
import { beginTccBranch, payloadOf } from '../clients/tcc-branch.js';
import { actAsTwoPhaseCaller } from '../clients/two-phase-caller.js';
import type { TransactionDraw } from '../draw/draw.js';
import type { LedgerRecord } from '../oracles/ledger.js';
import type { Effects } from '../participants/effects.js';
import type { World } from '../world.js';
import { hostUrl } from './draw-parts.js';
import { callsLeft, turnProblem, type PhaseOrder } from './phase-order.js';
import { drawTwoPhase } from './two-phase-draw.js';
import type { CallMoment, TypeModel } from './type-model.js';

const order: PhaseOrder = { registeredOp: 'try', isBackwards: true };

export const tccModel: TypeModel = {
  type: 'tcc',
  draw: (random, scene) => drawTwoPhase(random, scene, 'tcc'),
  act: (tx, world) => {
    actAsTwoPhaseCaller(tx, world, beginTccBranch(tx, world));
  },
  callProblem,
  callsLeft: (record) => callsLeft(record, record.head.status === 'submitted' ? 'confirm' : 'cancel', order),
  successProblem: (record) => (record.end?.status === 'succeed' ? undefined : 'told success, and it has not succeeded'),
  endProblems,
  restProblems: (record, effects, tx, world) => [
    ...endProblems(record, effects),
    ...tryProblems(record, effects, tx),
    ...blockedProblems(record, tx, world),
  ],
};

function callProblem(record: LedgerRecord, call: BranchCall, moment: CallMoment): string | undefined {
  const { branchId, op, payload } = call;
  const { status } = record.head;
  if (record.statusOf(branchId, 'try') === undefined) return 'it was never registered';
  const wanted = op === 'confirm' ? 'submitted' : 'aborting';
  if (op !== 'confirm' && op !== 'cancel') return 'the coordinator does not call it';
  if (status !== wanted) return `${op}, and it is ${status}`;
  if (payload !== payloadOf({ id: branchId, host: 0 })) return `it is sent ${String(payload)}`;
  return turnProblem(record, call, order, moment);
}

function endProblems(record: LedgerRecord, effects: Effects): readonly string[] {
  const { gid } = record;
  const all = effects.of(gid);
  const problems: string[] = [];
  if (all.some(({ op }) => op === 'confirm') && all.some(({ op }) => op === 'cancel')) {
    problems.push('something was confirmed and something cancelled');
  }
  if (record.wasSubmitted && record.wasAborting) problems.push('it was decided twice');
  const keys = all.map(({ branchId, op }) => `${branchId} ${op}`);
  if (new Set(keys).size < keys.length) problems.push(`something happened twice: ${keys.join(', ')}`);
  if (record.isForced) return problems;
  const op = record.end?.status === 'succeed' ? 'confirm' : 'cancel';
  const other = op === 'confirm' ? 'cancel' : 'confirm';
  for (const branch of record.branchesWith('try')) {
    if (!record.hasSucceeded(branch, op)) problems.push(`${branch} has no durable ${op}`);
    if (effects.has(gid, branch, other)) problems.push(`${branch} had a ${other}`);
    const isTried = effects.has(gid, branch, 'try');
    // A cancel without its try is empty, and blocks it.
    if (isTried && !effects.has(gid, branch, op)) problems.push(`${branch} was tried and had no ${op}`);
  }
  return problems;
}

/** Only what succeeded as a try is ever confirmed, and only what is registered is ever tried. */
function tryProblems(record: LedgerRecord, effects: Effects, tx: TransactionDraw): readonly string[] {
  const problems: string[] = [];
  const registered = record.branchesWith('try');
  for (const { branchId, op } of effects.of(record.gid)) {
    if (!registered.includes(branchId)) problems.push(`${branchId} ${op} happened and was never registered`);
    if (op !== 'try' && !effects.has(record.gid, branchId, 'try'))
      problems.push(`${branchId} ${op} happened without a try`);
  }
  if (record.end?.status === 'succeed' && registered.length < tx.steps.length) {
    problems.push('it succeeded before all branches were registered');
  }
  return problems;
}

/** No try of what was cancelled can happen any more. */
function blockedProblems(record: LedgerRecord, tx: TransactionDraw, world: World): readonly string[] {
  if (record.isForced || record.end?.status !== 'failed') return [];
  return record.branchesWith('try').flatMap((branch) => {
    const host = tx.branches?.find(({ id }) => id === branch)?.host ?? 0;
    const isBlocked = world.hasBarrierRow(hostUrl(host, 'cancel'), record.gid, branch, 'cancel');
    return isBlocked ? [] : [`${branch} was registered and its cancel never arrived`];
  });
}
