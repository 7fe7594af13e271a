import type { CoordinatorVerbs } from '@tandem/coordinator';
import { parseTransactionRequest, type Gid, type Outcome } from '@tandem/protocol';
import { reachable } from '../callers/reachable.js';
import { bodyObject, checkTypeMember, gidMember, textMember, type Endpoint } from './api-request.js';
import { jsonReply, success, type Reply } from './reply.js';

// The answer has to be on its way before the caller, who may use the same timeout for us, gives up.
const shareOfRequestTimeout = 0.9;

/** POST prepare. */
export function prepare(verbs: CoordinatorVerbs): Endpoint<Reply> {
  return async ({ body }) => {
    await verbs.prepare(parseTransactionRequest(body, 'prepare', reachableBy(body)));
    return success;
  };
}

/** POST submit: answers when durable or, with wait_result, when the outcome is known or the wait is over. */
export function submit(verbs: CoordinatorVerbs, waitMaxMs: number): Endpoint<Reply> {
  return async ({ body }) => {
    const request = parseTransactionRequest(body, 'submit', reachableBy(body));
    const { waitResult, requestTimeoutMs } = request.definition.options;
    if (!waitResult) {
      await verbs.submit(request, 0);
      return success;
    }
    const waitMs = Math.min(waitMaxMs, Math.floor((requestTimeoutMs ?? Infinity) * shareOfRequestTimeout));
    return outcomeReply(await verbs.submit(request, waitMs));
  };
}

/** POST abort; a `trans_type` is checked, and the stored type is what counts. */
export function abort(verbs: CoordinatorVerbs): Endpoint<Reply> {
  return async ({ body }) => {
    const given = bodyObject(body);
    checkTypeMember(given);
    await verbs.abort(gidMember(given), textMember(given, 'rollback_reason'));
    return success;
  };
}

/** POST forceStop and pause: an operator's act with a reason. */
export function withReason(act: (gid: Gid, reason: string) => Promise<void>): Endpoint<Reply> {
  return async ({ body }) => {
    const given = bodyObject(body);
    await act(gidMember(given), textMember(given, 'reason') || textMember(given, 'rollback_reason'));
    return success;
  };
}

/** POST resume, retryNow and resetNextCronTime: an operator's act on one transaction. */
export function onGid(act: (gid: Gid) => Promise<void>): Endpoint<Reply> {
  return async ({ body }) => {
    await act(gidMember(bodyObject(body)));
    return success;
  };
}

function reachableBy(body: unknown): ReturnType<typeof reachable> {
  return reachable(bodyObject(body)['protocol']);
}

function outcomeReply(outcome: Outcome): Reply {
  switch (outcome.kind) {
    case 'success':
      return success;
    case 'failure':
      return jsonReply(409, {
        code: 'TRANSACTION_FAILED',
        message: outcome.reason || 'the transaction failed',
        dtm_result: 'FAILURE',
      });
    case 'open':
      return jsonReply(425, {
        code: 'TRANSACTION_ONGOING',
        message: 'the transaction is still running; query tells its outcome',
        dtm_result: 'ONGOING',
      });
  }
}
