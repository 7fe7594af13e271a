import type { Gid, Outcome, TransactionType } from '@tandem/protocol';
import { bodyObject, gidMember, textMember, type Endpoint } from './api-request.js';
import type { JsonVerbs } from './json-verbs.js';
import { jsonReply, success, type Reply } from './reply.js';

/** POST prepare. */
export function prepare(verbs: JsonVerbs): Endpoint<Reply> {
  return async ({ body, headers }) => {
    await verbs.prepare(body, headers);
    return success;
  };
}

/** POST registerBranch; `absentType` is for DTM's older names of it. */
export function registerBranch(verbs: JsonVerbs, absentType?: TransactionType): Endpoint<Reply> {
  return async ({ body }) => {
    await verbs.registerBranch(body, absentType);
    return success;
  };
}

/** POST submit: answers when durable or, with wait_result, when the outcome is known or the wait is over. */
export function submit(verbs: JsonVerbs): Endpoint<Reply> {
  return async ({ body, headers }) => {
    const outcome = await verbs.submit(body, headers);
    return outcome === undefined ? success : outcomeReply(outcome);
  };
}

/** POST abort: answers when durable or, with wait_result, when all is rolled back or the wait is over. */
export function abort(verbs: JsonVerbs): Endpoint<Reply> {
  return async ({ body }) => {
    await verbs.abort(body);
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
