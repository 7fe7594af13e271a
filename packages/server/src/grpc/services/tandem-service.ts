import type { CoordinatorVerbs, TransactionView } from '@tandem/coordinator';
import { encodeUtf8, parseGid, TandemError, type BranchView } from '@tandem/protocol';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { Tandem, type BranchSchema, type NodeSchema, type QueryReplySchema } from '../gen/tandem/v1/tandem_pb.js';
import type { NodeView } from '../../nodes/node-record.js';
import { unary, type MethodEntry } from './method-table.js';

/** What DTM's service does not have: the state of a transaction, and the nodes. */
export function tandemService(
  verbs: CoordinatorVerbs,
  nodes: () => Promise<readonly NodeView[]>,
): readonly MethodEntry[] {
  return [
    unary(Tandem.method.query, async ({ gid }) => {
      const view = await verbs.query(parseGid(gid));
      if (view === undefined) throw new TandemError('NOT_FOUND', 'there is no transaction with this gid');
      return replyOf(view);
    }),
    unary(Tandem.method.nodes, async () => ({ nodes: (await nodes()).map(nodeOf) })),
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

function nodeOf({ pid, worker, startedAt, seenAt, ...node }: NodeView): MessageInitShape<typeof NodeSchema> {
  const { id, isAlive, http, grpc, host, version, hasLeft } = node;
  const numbers = { pid: BigInt(pid), worker: BigInt(worker), startedAt: BigInt(startedAt), seenAt: BigInt(seenAt) };
  return { id, isAlive, http, grpc, host, version, hasLeft, ...numbers };
}

function timeOf(ms: number | undefined): bigint {
  return BigInt(ms ?? 0);
}
