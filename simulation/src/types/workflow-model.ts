/**
 * A workflow: its code alone says how it ends, once; all of its steps have happened then, or what has happened is undone. Its
 * service is not called while its steps are coming.
 */
import type { BranchCall } from '@tandem/coordinator';
import { atWork } from '../clients/stopped.js';
import { resultOf } from '../clients/workflow-record.js';
import { actAsWorkflowClient, resumeWorkflow } from '../clients/workflow-service.js';
import type { TransactionDraw } from '../draw/draw.js';
import type { LedgerRecord } from '../oracles/ledger.js';
import type { Effects } from '../participants/effects.js';
import { preparedLeft } from './prepared-left.js';
import type { CallMoment, TypeModel } from './type-model.js';
import { drawWorkflow, workflowData, workflowName } from './workflow-draw.js';

export const workflowModel: TypeModel = {
  type: 'workflow',
  draw: drawWorkflow,
  act: actAsWorkflowClient,
  serve: (call, _participant, world, answer) => {
    if (call.op !== 'resume') return false;
    resumeWorkflow(call, world, answer);
    return true;
  },
  callProblem,
  successProblem: (record) => (record.end?.status === 'succeed' ? undefined : 'told success, and it has not succeeded'),
  endProblems,
  restProblems: (record, effects, tx, world) => {
    if (record.isForced) return endProblems(record, effects);
    const verdict = world.verdicts.get(record.gid);
    const isAgreed = verdict === record.end?.status;
    return [
      ...endProblems(record, effects),
      ...stepProblems(record, effects, tx),
      ...preparedLeft(record.gid, world),
      ...(isAgreed ? [] : [`its code has said: ${verdict ?? 'nothing'}`]),
    ];
  },
};

function callProblem(record: LedgerRecord, call: BranchCall, { latestClock }: CallMoment): string | undefined {
  if (call.op !== 'resume' || call.branchId !== '00') return 'the coordinator does not call it';
  if (record.head.status !== 'prepared') return `a resume, and it is ${record.head.status}`;
  const payload = typeof call.payload === 'string' ? call.payload : Buffer.from(call.payload).toString();
  if (call.wireOp !== workflowName || payload !== workflowData)
    return `it is to run ${String(call.wireOp)} with ${payload}`;
  // By the clock of the node that took it: the latest one, though its clock may be behind that of another.
  const lastAt = [...record.registered.values()].at(-1)?.createdAt ?? record.head.createdAt;
  const { initialMs = 0 } = record.definition.options.retry;
  if (latestClock < lastAt + initialMs) return 'a step was recorded a moment ago: its code is at work';
  const resume = record.rowOf('00', 'resume');
  const isTooEarly = resume?.reason === atWork && latestClock < resume.updatedAt + initialMs;
  return isTooEarly ? 'its service said a moment ago that it is at work' : undefined;
}

function endProblems(record: LedgerRecord, effects: Effects): readonly string[] {
  const all = effects.of(record.gid);
  const keys = all.map(({ branchId, op }) => `${branchId} ${op}`);
  const twice = new Set(keys).size < keys.length ? [`something happened twice: ${keys.join(', ')}`] : [];
  if (record.isForced || record.end === undefined) return twice;
  const { status } = record.end;
  const result = record.rowOf('00', 'resume')?.registered?.payload;
  const isResult = result === resultOf(record.gid, status);
  const wrong = status === 'succeed' ? 'rollback' : 'commit';
  const mixed = all.filter(({ op }) => op === wrong).map(({ branchId, op }) => `${branchId} had a ${op}`);
  return [...twice, ...mixed, ...(isResult ? [] : [`its result is kept as ${String(result)}`])];
}

/** All of it, or nothing: by the participants' data, and by what each kind of step asks for. */
function stepProblems(record: LedgerRecord, effects: Effects, tx: TransactionDraw): readonly string[] {
  const isSuccess = record.end?.status === 'succeed';
  return tx.steps.flatMap((_, index) => {
    const id = tx.branches?.[index]?.id ?? '';
    const kind = tx.workflow?.kinds[index] ?? 'saga';
    const has = (op: string): boolean => effects.has(record.gid, id, op);
    if (!isSuccess) {
      return kind !== 'xa' && has('action') !== has('rollback') ? [`${id} happened and was not undone`] : [];
    }
    const missing: string[] = [];
    if (!record.hasSucceeded(id, 'action')) missing.push(`${id} is not recorded`);
    if (kind !== 'xa' && !has('action')) missing.push(`${id} never happened`);
    if (kind !== 'saga' && !has('commit')) missing.push(`${id} was never confirmed`);
    return missing;
  });
}
