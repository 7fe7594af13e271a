import type { MessageInitShape } from '@bufbuild/protobuf';
import type { CoordinatorVerbs, WorkflowProgress } from '@tandem/coordinator';
import { encodeUtf8, parseRegistration, TandemError, type Outcome } from '@tandem/protocol';
import { reachable } from '../../callers/reachable.js';
import { GrpcStatusError } from '../error-status.js';
import { Dtm, type DtmProgressesReplySchema } from '../gen/dtmgimp_pb.js';
import { JsonVerbs } from '../../http/json-verbs.js';
import { statusCode } from '../wire/status-code.js';
import { branchBody, branchPayload, requestBody } from './dtm-request.js';
import { unary, type MethodEntry } from './method-table.js';

const shareOfTimeout = 0.9;
const empty = {};

/** The Dtm service of dtmgimp.proto: the coordinator's verbs as DTM's SDKs call them by gRPC. */
export function dtmService(verbs: CoordinatorVerbs, waitMaxMs: number): readonly MethodEntry[] {
  return [
    unary(Dtm.method.newGid, async () => ({ Gid: verbs.newGid() })),
    ...transactionMethods(new JsonVerbs(verbs, waitMaxMs), waitMaxMs),
    unary(Dtm.method.registerBranch, async (asked) => {
      const options = { schemes: reachable('grpc').schemes, payload: branchPayload(asked) };
      const { gid, registration } = parseRegistration(branchBody(asked), options);
      await verbs.registerBranch(gid, registration);
      return empty;
    }),
    ...topicMethods(verbs),
  ];
}

function transactionMethods(verbs: JsonVerbs, waitMaxMs: number): readonly MethodEntry[] {
  return [
    unary(Dtm.method.submit, async (asked, { metadata, timeoutMs }) => {
      const outcome = await verbs.submit(requestBody(asked), metadata, waitOf(waitMaxMs, timeoutMs));
      if (outcome !== undefined) checkOutcome(outcome);
      return empty;
    }),
    unary(Dtm.method.prepare, async (asked, { metadata }) => {
      await verbs.prepare(requestBody(asked), metadata);
      return empty;
    }),
    unary(Dtm.method.abort, async (asked, { timeoutMs }) => {
      await verbs.abort(requestBody(asked), waitOf(waitMaxMs, timeoutMs));
      return empty;
    }),
    unary(Dtm.method.prepareWorkflow, async (asked, { metadata }) =>
      progressReply(await verbs.prepareWorkflow(requestBody(asked), metadata)),
    ),
  ];
}

/** The answer has to be on its way before the caller gives up. */
function waitOf(waitMaxMs: number, timeoutMs = Infinity): number {
  return Math.min(waitMaxMs, Math.floor(timeoutMs * shareOfTimeout));
}

function progressReply({
  gid,
  head,
  result,
  steps,
}: WorkflowProgress): MessageInitShape<typeof DtmProgressesReplySchema> {
  return {
    Transaction: { Gid: gid, Status: head.status, RollbackReason: head.state.reason, Result: result },
    Progresses: steps.map(({ branchId, op, status, payload }) => ({
      BranchID: branchId,
      Op: op,
      Status: status,
      BinData: typeof payload === 'string' ? encodeUtf8(payload) : payload,
    })),
  };
}

/** ABORTED and FAILED_PRECONDITION are what DTM's SDKs take for "failed" and "still running". */
function checkOutcome(outcome: Outcome): void {
  switch (outcome.kind) {
    case 'success':
      return;
    case 'failure': {
      const message = outcome.reason || 'the transaction failed';
      throw new GrpcStatusError({
        code: statusCode.aborted,
        message,
        trailers: { 'tandem-code': 'TRANSACTION_FAILED' },
      });
    }
    case 'open': {
      const message = 'the transaction is still running; query tells its outcome';
      throw new GrpcStatusError({
        code: statusCode.failedPrecondition,
        message,
        trailers: { 'tandem-code': 'TRANSACTION_ONGOING' },
      });
    }
  }
}

function topicMethods(verbs: CoordinatorVerbs): readonly MethodEntry[] {
  return [
    unary(Dtm.method.subscribe, async ({ Topic, URL, Remark }) => {
      await verbs.subscribe(required(Topic, 'Topic'), required(URL, 'URL'), Remark);
      return empty;
    }),
    unary(Dtm.method.unsubscribe, async ({ Topic, URL }) => {
      await verbs.unsubscribe(required(Topic, 'Topic'), required(URL, 'URL'));
      return empty;
    }),
    unary(Dtm.method.deleteTopic, async ({ Topic }) => {
      await verbs.deleteTopic(required(Topic, 'Topic'));
      return empty;
    }),
  ];
}

function required(text: string, name: string): string {
  if (text === '') throw new TandemError('INVALID_REQUEST', `${name} is missing`);
  return text;
}
