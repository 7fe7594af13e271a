/** From DTM's rows to Tandem's record of one transaction. Pure. */
import {
  encodeBody,
  encodeHeadState,
  encodeRow,
  isFinished,
  keptReason,
  machineOf,
  TandemError,
  type Definition,
  type GlobalStatus,
  type Head,
} from '@tandem/protocol';
import type { MovedTransaction } from '../moved-transaction.js';
import { branchRows } from './dtm-branch-rows.js';
import { definitionOf, intentOf, unfit } from './dtm-definition.js';
import type { DtmTransaction } from '../../main/open-store.js';
import type { TopicNames } from './dtm-topics.js';

/** The record, or why Tandem cannot take it over. */
export type Conversion =
  | { readonly kind: 'converted'; readonly transaction: MovedTransaction }
  | { readonly kind: 'unfit'; readonly reason: string };

export function convertDtm(dtm: DtmTransaction, topics: TopicNames): Conversion {
  try {
    return { kind: 'converted', transaction: converted(dtm, topics) };
  } catch (error) {
    if (error instanceof TandemError) return { kind: 'unfit', reason: error.message };
    throw error;
  }
}

function converted(dtm: DtmTransaction, topics: TopicNames): MovedTransaction {
  const { gid, definition, delayMs } = definitionOf(dtm, topics);
  const rows = branchRows(dtm, definition);
  const createdAt = dtm.createdAt ?? dtm.updatedAt ?? 0;
  const opened = machineOf(definition.type).open(definition, intentOf(dtm), delayMs, createdAt);
  const refused = rows.find((row) => row.op === 'action' && row.status === 'failed');
  const head = headOf(dtm, definition, opened, definition.type === 'saga' ? refused?.branchId : undefined);
  return {
    gid,
    head: {
      type: definition.type,
      status: head.status,
      isPaused: false,
      // At once: the machine itself says what has to wait longer, a delayed message, say, or a check that is not due.
      dueAt: head.finishedAt === undefined ? head.updatedAt : undefined,
      waitsFor: '',
      createdAt: head.createdAt,
      updatedAt: head.updatedAt,
      finishedAt: head.finishedAt,
      state: encodeHeadState(head.state),
    },
    body: encodeBody(definition),
    rows: rows.map((row) => ({ branchId: row.branchId, op: row.op, value: encodeRow(row) })),
  };
}

function headOf(dtm: DtmTransaction, definition: Definition, opened: Head, refusedBranch: string | undefined): Head {
  const updatedAt = dtm.updatedAt ?? opened.createdAt;
  const read = statusOf(dtm, definition);
  // DTM may stop between the two: in Tandem a refusal and the roll-back are one (S1).
  const isRefused = read === 'submitted' && refusedBranch !== undefined;
  const status = isRefused ? 'aborting' : read;
  const endedAt = (status === 'succeed' ? dtm.finishedAt : dtm.rolledBackAt) ?? updatedAt;
  const isSubmitted = status === 'submitted' || status === 'succeed' || definition.type === 'saga';
  const submittedAt = opened.state.submittedAt === 0 && isSubmitted ? updatedAt : opened.state.submittedAt;
  const reason = isRefused ? `branch ${refusedBranch} refused` : dtm.rollbackReason;
  return {
    ...opened,
    status,
    updatedAt,
    finishedAt: isFinished(status) ? endedAt : undefined,
    state: { ...opened.state, submittedAt, reason: keptReason(reason) },
  };
}

const statuses: Readonly<Record<Definition['type'], readonly GlobalStatus[]>> = {
  saga: ['submitted', 'aborting', 'succeed', 'failed'],
  msg: ['prepared', 'submitted', 'succeed', 'failed'],
  tcc: ['prepared', 'submitted', 'aborting', 'succeed', 'failed'],
  xa: ['prepared', 'submitted', 'aborting', 'succeed', 'failed'],
  workflow: ['prepared', 'succeed', 'failed'],
};

function statusOf(dtm: DtmTransaction, { type }: Definition): GlobalStatus {
  const status = statuses[type].find((known) => known === dtm.status);
  if (status === undefined) throw unfit(`a ${type} has no status "${dtm.status}"`);
  return status;
}
