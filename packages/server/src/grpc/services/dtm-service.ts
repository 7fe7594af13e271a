import type { MessageInitShape } from '@bufbuild/protobuf';
import type { CoordinatorVerbs, WorkflowProgress } from '@tandem/coordinator';
import {
  encodeUtf8,
  parseGid,
  parseRegistration,
  parseTransactionRequest,
  TandemError,
  transactionTypeOf,
  type Outcome,
} from '@tandem/protocol';
import { reachable } from '../../callers/reachable.js';
import { GrpcStatusError } from '../error-status.js';
import { Dtm, type DtmProgressesReplySchema } from '../gen/dtmgimp_pb.js';
import type { CallContext } from '../method.js';
import { statusCode } from '../wire/status-code.js';
import { branchBody, requestBody } from './dtm-request.js';
import { unary, type MethodEntry } from './method-table.js';

const shareOfTimeout = 0.9;
const empty = {};
const overGrpc = reachable('grpc');

/** The Dtm service of dtmgimp.proto: the coordinator's verbs as DTM's SDKs call them by gRPC. */
export function dtmService(verbs: CoordinatorVerbs, waitMaxMs: number): readonly MethodEntry[] {
  return [
    unary(Dtm.method.newGid, async () => ({ Gid: verbs.newGid() })),
    ...transactionMethods(verbs, waitMaxMs),
    ...branchMethods(verbs),
    ...topicMethods(verbs),
  ];
}

function transactionMethods(verbs: CoordinatorVerbs, waitMaxMs: number): readonly MethodEntry[] {
  return [
    unary(Dtm.method.submit, async (asked, call) => {
      const request = parseTransactionRequest(requestBody(asked, call), 'submit', overGrpc);
      const { waitResult, requestTimeoutMs } = request.definition.options;
      const outcome = await verbs.submit(request, waitResult ? waitOf(waitMaxMs, requestTimeoutMs, call) : 0);
      if (waitResult) checkOutcome(outcome);
      return empty;
    }),
    unary(Dtm.method.prepare, async (asked, call) => {
      await verbs.prepare(parseTransactionRequest(requestBody(asked, call), 'prepare', overGrpc));
      return empty;
    }),
    unary(Dtm.method.abort, async (asked, call) => {
      if (asked.TransType !== '') transactionTypeOf({ trans_type: asked.TransType });
      const waitMs = asked.TransOptions?.WaitResult === true ? waitOf(waitMaxMs, undefined, call) : 0;
      await verbs.abort(parseGid(asked.Gid), asked.RollbackReason, waitMs);
      return empty;
    }),
  ];
}

function branchMethods(verbs: CoordinatorVerbs): readonly MethodEntry[] {
  return [
    unary(Dtm.method.registerBranch, async (asked) => {
      const options = { schemes: overGrpc.schemes, payload: asked.BusiPayload };
      const { gid, registration } = parseRegistration(branchBody(asked), options);
      await verbs.registerBranch(gid, registration);
      return empty;
    }),
    unary(Dtm.method.prepareWorkflow, async (asked, call) => {
      const request = parseTransactionRequest(requestBody(asked, call), 'prepare', overGrpc);
      return progressReply(await verbs.prepareWorkflow(request));
    }),
  ];
}

/** The answer has to be on its way before the caller gives up. */
function waitOf(waitMaxMs: number, requestTimeoutMs: number | undefined, { timeoutMs }: CallContext): number {
  const callersMs = Math.min(requestTimeoutMs ?? Infinity, timeoutMs ?? Infinity);
  return Math.min(waitMaxMs, Math.floor(callersMs * shareOfTimeout));
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
