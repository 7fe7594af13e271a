import type { IncomingHttpHeaders } from 'node:http';
import type { CoordinatorVerbs } from '@tandem/coordinator';
import { jsonRpcCodes, queryView, TandemError, workflowView, type Outcome } from '@tandem/protocol';
import { gidMember, textMember } from '../http/api-request.js';
import type { JsonVerbs } from '../http/json-verbs.js';
import type { NodeView } from '../nodes/node-record.js';
import { nodesJson } from '../nodes/nodes-json.js';
import type { JsonRpcError } from './json-rpc-error.js';

/** What a method is called with. */
export interface MethodCall {
  readonly params: Readonly<Record<string, unknown>>;
  readonly headers: IncomingHttpHeaders;
  /** Longest that it may wait for an outcome, in ms. */
  readonly waitMaxMs: number;
}

/** What it answers: a result, or the outcome of a transaction that has not succeeded. */
export type MethodAnswer = { readonly result: unknown } | { readonly error: JsonRpcError };

export type JsonRpcMethod = (call: MethodCall) => MethodAnswer | Promise<MethodAnswer>;

const success: MethodAnswer = { result: { dtm_result: 'SUCCESS' } };

export interface JsonRpcParts {
  readonly verbs: CoordinatorVerbs;
  readonly json: JsonVerbs;
  readonly nodes: () => Promise<readonly NodeView[]>;
}

/** Every method by its name; params are HTTP's bodies and queries. They reject as the verbs do. */
export function jsonRpcMethods({ verbs, json, nodes }: JsonRpcParts): ReadonlyMap<string, JsonRpcMethod> {
  return new Map<string, JsonRpcMethod>([
    ['newGid', () => ({ result: { dtm_result: 'SUCCESS', gid: verbs.newGid() } })],
    ['prepare', done(({ params, headers }) => json.prepare(params, headers))],
    ['submit', async ({ params, headers, waitMaxMs }) => outcomeAnswer(await json.submit(params, headers, waitMaxMs))],
    ['abort', done(({ params, waitMaxMs }) => json.abort(params, waitMaxMs))],
    ['registerBranch', done(({ params }) => json.registerBranch(params))],
    [
      'prepareWorkflow',
      async (call) => ({ result: workflowView(await json.prepareWorkflow(call.params, call.headers)) }),
    ],
    ['query', async ({ params }) => ({ result: queryView(await verbs.query(gidMember(params))) })],
    ['forceStop', done(({ params }) => verbs.forceStop(gidMember(params), reasonOf(params)))],
    ['pause', done(({ params }) => verbs.pause(gidMember(params), reasonOf(params)))],
    ['resume', done(({ params }) => verbs.resume(gidMember(params)))],
    ['retryNow', done(({ params }) => verbs.retryNow(gidMember(params)))],
    [
      'subscribe',
      done((call) => verbs.subscribe(named(call, 'topic'), named(call, 'url'), textMember(call.params, 'remark'))),
    ],
    ['unsubscribe', done((call) => verbs.unsubscribe(named(call, 'topic'), named(call, 'url')))],
    ['deleteTopic', done((call) => verbs.deleteTopic(named(call, 'topic')))],
    ['nodes', async () => ({ result: nodesJson(await nodes()) })],
  ]);
}

function done(act: (call: MethodCall) => Promise<void>): JsonRpcMethod {
  return async (call) => {
    await act(call);
    return success;
  };
}

function outcomeAnswer(outcome: Outcome | undefined): MethodAnswer {
  switch (outcome?.kind) {
    case undefined:
    case 'success':
      return success;
    case 'failure': {
      const message = outcome.reason || 'the transaction failed';
      const data = { code: 'TRANSACTION_FAILED', dtm_result: 'FAILURE' } as const;
      return { error: { code: jsonRpcCodes.failure, message, data } };
    }
    case 'open': {
      const message = 'the transaction is still running; query tells its outcome';
      const data = { code: 'TRANSACTION_ONGOING', dtm_result: 'ONGOING' } as const;
      return { error: { code: jsonRpcCodes.ongoing, message, data } };
    }
  }
}

function reasonOf(params: MethodCall['params']): string {
  return textMember(params, 'reason') || textMember(params, 'rollback_reason');
}

function named({ params }: MethodCall, name: string): string {
  const text = textMember(params, name);
  if (text === '') throw new TandemError('INVALID_REQUEST', `${name} is missing`);
  return text;
}
