import type { CoordinatorVerbs, TransactionView } from '@tandem/coordinator';
import { encodeUtf8, parseGid, TandemError, type BranchView } from '@tandem/protocol';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { Tandem, type BranchSchema, type QueryReplySchema } from '../gen/tandem/v1/tandem_pb.js';
import { unary, type MethodEntry } from './method-table.js';

/** What DTM's service does not have: the state of a transaction. */
export function tandemService(verbs: CoordinatorVerbs): readonly MethodEntry[] {
  return [
    unary(Tandem.method.query, async ({ gid }) => {
      const view = await verbs.query(parseGid(gid));
      if (view === undefined) throw new TandemError('NOT_FOUND', 'there is no transaction with this gid');
      return replyOf(view);
    }),
  ];
}

function replyOf(view: TransactionView): MessageInitShape<typeof QueryReplySchema> {
  const { definition, head } = view;
  return {
    transaction: {
      gid: view.gid,
      transType: definition.type,
      status: head.status,
      protocol: definition.protocol,
      createdAt: BigInt(head.createdAt),
      updatedAt: BigInt(head.updatedAt),
      finishedAt: timeOf(head.finishedAt),
      dueAt: timeOf(view.dueAt),
      rollbackReason: head.state.reason,
      customData: definition.customData,
      queryPrepared: definition.queryPrepared,
      isPaused: head.isPaused,
      pauseReason: head.state.pauseReason,
      isForced: head.state.isForced,
    },
    branches: view.branches.map(branchOf),
  };
}

function branchOf({ branchId, op, url, status, payload, row }: BranchView): MessageInitShape<typeof BranchSchema> {
  return {
    branchId,
    op,
    url,
    status,
    payload: typeof payload === 'string' ? encodeUtf8(payload) : payload,
    attempts: BigInt(row?.attempts ?? 0),
    updatedAt: timeOf(row?.updatedAt),
    nextAttemptAt: row?.status === 'prepared' ? timeOf(row.nextAttemptAt) : 0n,
    reason: row?.reason ?? '',
  };
}

function timeOf(ms: number | undefined): bigint {
  return BigInt(ms ?? 0);
}
