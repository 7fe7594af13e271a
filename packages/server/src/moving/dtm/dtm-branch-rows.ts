/**
 * What DTM knows of the branches, as the rows of Tandem's machines.
 *
 * Without a row a call has not been answered. An empty URL has none either (S5). What DTM wrote down as done is never called
 * again; where steps follow one another, what comes before a step that has begun is done too, even where DTM, which can
 * write outcomes late and lose them, has not noted it.
 */
import {
  parseRegistration,
  type BranchOp,
  type BranchRow,
  type Definition,
  type Payload,
  type Registered,
} from '@tandem/protocol';
import { reachable } from '../../callers/reachable.js';
import { asPayload, unfit } from './dtm-definition.js';
import type { DtmBranch, DtmTransaction } from '../../main/open-store.js';

/** Throws `TandemError` where a branch makes no sense. */
export function branchRows(dtm: DtmTransaction, definition: Definition): readonly BranchRow[] {
  switch (definition.type) {
    case 'saga':
      return sagaRows(dtm, definition);
    case 'msg':
      return answeredRows(dtm, 'action', inOrder(dtm, 'action', !definition.isConcurrent));
    case 'tcc':
      return twoPhaseRows(dtm, ['confirm', 'cancel']);
    case 'xa':
      return twoPhaseRows(dtm, ['commit', 'rollback']);
    case 'workflow':
      return workflowRows(dtm);
  }
}

function sagaRows(dtm: DtmTransaction, { isConcurrent }: Definition): readonly BranchRow[] {
  const actions = inOrder(dtm, 'action', !isConcurrent);
  const compensations = inOrder(dtm, 'compensate', !isConcurrent, true);
  return [...answeredRows(dtm, 'action', actions), ...answeredRows(dtm, 'compensate', compensations)];
}

interface Known {
  readonly branch: DtmBranch;
  readonly status: string;
}

/** The branches of an operation with their outcome; in a sequence, all before the last that is known are done. */
function inOrder(dtm: DtmTransaction, op: BranchOp, isSequence: boolean, isBackwards = false): readonly Known[] {
  const branches = dtm.branches.filter((branch) => branch.op === op);
  if (isBackwards) branches.reverse();
  const last = branches.findLastIndex(({ status }) => status === 'succeed' || status === 'failed');
  return branches.map((branch, index) => {
    const isSurelyDone = isSequence && index < last;
    return { branch, status: isSurelyDone ? 'succeed' : branch.status };
  });
}

function answeredRows(dtm: DtmTransaction, op: BranchOp, known: readonly Known[]): readonly BranchRow[] {
  return known.flatMap(({ branch, status }) => {
    if (branch.url === '' || status === 'prepared') return [];
    return [rowOf(dtm, branch, op, finalStatus(branch, status))];
  });
}

function finalStatus({ branchId, op }: DtmBranch, status: string): 'succeed' | 'failed' {
  if (status === 'succeed' || status === 'failed') return status;
  throw unfit(`branch ${branchId} ${op} has the status "${status}"`);
}

/** Both operations of a branch were saved together when it was registered, the undoing first. */
function twoPhaseRows(dtm: DtmTransaction, [forward, back]: readonly [BranchOp, BranchOp]): readonly BranchRow[] {
  const byBranch = new Map<string, DtmBranch[]>();
  for (const branch of dtm.branches) {
    const pair = byBranch.get(branch.branchId);
    if (pair === undefined) byBranch.set(branch.branchId, [branch]);
    else pair.push(branch);
  }
  return [...byBranch].flatMap(([branchId, pair], ordinal) => {
    const urlOf = (op: string) => pair.find((branch) => branch.op === op)?.url ?? '';
    const first = pair[0];
    if (first === undefined) return [];
    const asked = { branch_id: branchId, url: urlOf(forward), confirm: urlOf(forward), cancel: urlOf(back) };
    const answered = [forward, back].flatMap((op) =>
      answeredRows(
        dtm,
        op,
        pair.filter((branch) => branch.op === op).map((branch) => ({ branch, status: branch.status })),
      ),
    );
    return [registeredRow(dtm, first, asked, ordinal), ...answered];
  });
}

function workflowRows(dtm: DtmTransaction): readonly BranchRow[] {
  const steps = dtm.branches.map((branch, ordinal) => {
    const { branchId, op, status } = branch;
    return registeredRow(dtm, branch, { branch_id: branchId, op, status }, ordinal);
  });
  if (dtm.status !== 'succeed' && dtm.status !== 'failed') return steps;
  const at = dtm.finishedAt ?? dtm.rolledBackAt ?? dtm.updatedAt ?? dtm.createdAt ?? 0;
  const registered: Registered = { urls: {}, payload: dtm.result, ordinal: 0 };
  // The machine keeps what a finished workflow answers with the call that would have resumed it.
  const key = { branchId: '00', op: 'resume' as const };
  const end: BranchRow = {
    ...key,
    status: dtm.status,
    attempts: 0,
    nextAttemptAt: 0,
    reason: '',
    createdAt: at,
    updatedAt: at,
    registered,
  };
  return [...steps, end];
}

/** As registerBranch would have read it. */
function registeredRow(
  dtm: DtmTransaction,
  branch: DtmBranch,
  asked: Readonly<Record<string, string>>,
  ordinal: number,
): BranchRow {
  const payload: Payload = asPayload(dtm, branch.payload);
  const isText = typeof payload === 'string';
  const { registration } = parseRegistration(
    { ...asked, gid: dtm.gid, trans_type: dtm.transType, ...(isText && { data: payload }) },
    { ...reachable(dtm.protocol), ...(!isText && { payload }) },
  );
  const { op, status, urls } = registration;
  return { ...rowOf(dtm, branch, op, status), registered: { urls, payload: registration.payload, ordinal } };
}

function rowOf(
  dtm: DtmTransaction,
  branch: DtmBranch,
  op: BranchOp,
  status: 'prepared' | 'succeed' | 'failed',
): BranchRow {
  const createdAt = branch.createdAt ?? dtm.createdAt ?? 0;
  return {
    branchId: branch.branchId,
    op,
    status,
    attempts: 0,
    nextAttemptAt: 0,
    reason: status === 'failed' && dtm.transType === 'saga' ? dtm.rollbackReason : '',
    createdAt,
    updatedAt: branch.finishedAt ?? branch.updatedAt ?? createdAt,
  };
}
