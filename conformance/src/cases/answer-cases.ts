import { status } from '@grpc/grpc-js';
import type { Answer } from '../participants/call.js';
import type { Case, Difference, Facts } from '../case.js';
import { grpcOnly, httpOnly, jsonRpcOnly, saga } from './shapes.js';
import type { WireName } from '../wire/wire.js';

interface Reading {
  readonly id: string;
  readonly does: string;
  readonly source: string;
  readonly wires: readonly WireName[];
  readonly answer: Answer;
  /** How it is read: the saga succeeds, is rolled back, or calls the step again. */
  readonly as: 'success' | 'failure' | 'again';
  readonly differs?: Omit<Difference, 'tandem'> & { readonly as: 'success' | 'failure' | 'again' };
}

const facts: Readonly<Record<Reading['as'], Facts>> = {
  success: { status: 'succeed', actions: 1 },
  failure: { status: 'failed', actions: 1 },
  again: { status: 'succeed', actions: 2 },
};

/** A saga of one step that gives this answer first and succeeds when it is asked again. */
function reading({ id, does, source, wires, answer, as, differs }: Reading): Case {
  return {
    id: `answer/${id}`,
    does,
    source,
    wires,
    observe: async (scene) => {
      scene.answer('debit', answer, 'success');
      await scene.send('submit', saga(scene, ['debit'], { retry_interval: 1 }));
      return { status: await scene.settled(), actions: scene.calls('debit').length };
    },
    expected: facts[as],
    ...(differs === undefined
      ? {}
      : { differs: { tandem: facts[differs.as], verdict: differs.verdict, reason: differs.reason } }),
  };
}

const readsHttp = 'client/dtmcli/utils.go:33';
const readsGrpc = 'client/dtmgrpc/type.go (GrpcError2DtmError)';
const readsJsonRpc = 'client/dtmcli/dtmimp/utils.go:254';

export const answerCases: readonly Case[] = [
  reading({
    id: '200-failure-word',
    does: 'reads the body {"dtm_result":"FAILURE"} with 200 as failure',
    source: readsHttp,
    wires: httpOnly,
    answer: { status: 200, body: '{"dtm_result":"FAILURE","message":"no balance"}' },
    as: 'failure',
  }),
  reading({
    id: '200-ongoing-word',
    does: 'reads the body {"dtm_result":"ONGOING"} with 200 as not done yet',
    source: readsHttp,
    wires: httpOnly,
    answer: { status: 200, body: '{"dtm_result":"ONGOING"}' },
    as: 'again',
  }),
  reading({
    id: '200-plain-word',
    does: 'reads the body FAILURE with 200 as failure',
    source: readsHttp,
    wires: httpOnly,
    answer: { status: 200, body: 'FAILURE' },
    as: 'failure',
  }),
  reading({
    id: '200-word-inside',
    does: 'is answered 200 with the word FAILURE inside another',
    source: readsHttp,
    wires: httpOnly,
    answer: { status: 200, body: '{"log":"AUTHENTICATION_FAILURES: 0"}' },
    as: 'failure',
    differs: { as: 'success', verdict: 'ours right', reason: 'a word inside something else never decides' },
  }),
  reading({
    id: '500-word-inside',
    does: 'is answered 500 with a page that holds the word FAILURE',
    source: readsHttp,
    wires: httpOnly,
    answer: { status: 500, body: '<h1>BACKEND_FAILURE</h1>' },
    as: 'failure',
    differs: { as: 'again', verdict: 'ours right', reason: 'an outage of a proxy must not roll business back' },
  }),
  reading({
    id: '409-any-body',
    does: 'reads 409 as failure whatever the body is',
    source: readsHttp,
    wires: httpOnly,
    answer: { status: 409, body: '' },
    as: 'failure',
  }),
  reading({
    id: '204',
    does: 'is answered 204 No Content',
    source: readsHttp,
    wires: httpOnly,
    answer: { status: 204 },
    as: 'again',
    differs: {
      as: 'success',
      verdict: 'both defensible',
      reason: 'DTM takes 200 alone for success; any 2xx but 202 is one here',
    },
  }),
  reading({
    id: '201',
    does: 'is answered 201 Created',
    source: readsHttp,
    wires: httpOnly,
    answer: { status: 201, body: '{}' },
    as: 'again',
    differs: {
      as: 'success',
      verdict: 'both defensible',
      reason: 'DTM takes 200 alone for success; any 2xx but 202 is one here',
    },
  }),
  reading({
    id: '202',
    does: 'reads 202 Accepted as not done yet',
    source: readsHttp,
    wires: httpOnly,
    answer: { status: 202, body: '{}' },
    as: 'again',
  }),
  reading({
    id: '404',
    does: 'reads 404 as unclear',
    source: readsHttp,
    wires: httpOnly,
    answer: { status: 404, body: 'no such page' },
    as: 'again',
  }),
  reading({
    id: 'aborted-ongoing',
    does: 'reads ABORTED with the message ONGOING as not done yet',
    source: readsGrpc,
    wires: grpcOnly,
    answer: { grpcCode: status.ABORTED, message: 'ONGOING' },
    as: 'again',
  }),
  reading({
    id: 'aborted',
    does: 'reads ABORTED with any other message as failure',
    source: readsGrpc,
    wires: grpcOnly,
    answer: { grpcCode: status.ABORTED, message: 'no balance' },
    as: 'failure',
  }),
  reading({
    id: 'unimplemented',
    does: 'reads UNIMPLEMENTED as unclear',
    source: readsGrpc,
    wires: grpcOnly,
    answer: { grpcCode: status.UNIMPLEMENTED, message: 'no such method' },
    as: 'again',
  }),
  reading({
    id: 'internal-word',
    does: 'reads INTERNAL as unclear, whatever its message says',
    source: readsGrpc,
    wires: grpcOnly,
    answer: { grpcCode: status.INTERNAL, message: 'FAILURE' },
    as: 'again',
  }),
  reading({
    id: 'json-rpc-failure-number',
    does: 'is answered with the error code -32901 and no word',
    source: readsJsonRpc,
    wires: jsonRpcOnly,
    answer: { jsonRpcCode: -32901, message: 'no balance' },
    as: 'again',
    differs: {
      as: 'failure',
      verdict: 'ours right',
      reason: 'DTM compares the number with one of another kind; its own documentation says that the code decides',
    },
  }),
  reading({
    id: 'json-rpc-ongoing-number',
    does: 'reads the error code -32902 as not done yet',
    source: readsJsonRpc,
    wires: jsonRpcOnly,
    answer: { jsonRpcCode: -32902, message: 'not yet' },
    as: 'again',
  }),
  reading({
    id: 'json-rpc-other-error',
    does: 'reads any other JSON-RPC error as unclear',
    source: readsJsonRpc,
    wires: jsonRpcOnly,
    answer: { jsonRpcCode: -32603, message: 'out of order' },
    as: 'again',
  }),
  reading({
    id: 'slow',
    does: 'gives a call up after request_timeout and calls again',
    source: 'dtmsvr/trans_status.go:143',
    wires: httpOnly,
    answer: { afterMs: 4_500, then: 'failure' },
    as: 'again',
  }),
  {
    id: 'answer/request-timeout',
    does: 'waits as long as request_timeout says',
    source: 'dtmsvr/trans_status.go:143',
    wires: ['http', 'grpc'],
    observe: async (scene) => {
      scene.answer('debit', { afterMs: 4_000, then: 'success' });
      await scene.send('submit', saga(scene, ['debit'], { request_timeout: 8, retry_interval: 20 }));
      return { status: await scene.settled(), actions: scene.calls('debit').length };
    },
    expected: { status: 'succeed', actions: 1 },
  },
  {
    id: 'answer/redirect',
    does: 'is answered with a redirect to another path',
    source: 'dtmsvr/trans_status.go:143 (the HTTP client follows by itself)',
    wires: httpOnly,
    observe: async (scene) => {
      scene.answer('debit', { status: 302, headers: { location: scene.url('elsewhere') } }, 'success');
      await scene.send('submit', saga(scene, ['debit'], { retry_interval: 1 }));
      return { status: await scene.settled(), followed: scene.calls('elsewhere').length };
    },
    expected: { status: 'succeed', followed: 1 },
    differs: {
      tandem: { status: 'succeed', followed: 0 },
      verdict: 'ours right',
      reason: 'a redirect loses the method and the transaction, and may lead anywhere',
    },
  },
  {
    id: 'answer/json-rpc-call',
    does: 'calls a JSON-RPC branch with the method of its URL and gid, trans_type, branch_id and op among the params',
    source: 'dtmsvr/trans_status.go:167',
    wires: jsonRpcOnly,
    observe: async (scene) => {
      await scene.send('submit', saga(scene, ['debit'], { wait_result: true }));
      const [call] = scene.calls();
      const { jsonrpc, method, params, id } = JSON.parse(call?.body.toString() ?? '{}') as Record<string, unknown>;
      const { gid, ...rest } = params as Record<string, unknown>;
      return { jsonrpc, method, params: rest, own: gid === scene.gid, hasId: id !== undefined && id !== null };
    },
    expected: {
      jsonrpc: '2.0',
      method: 'debit',
      params: { amount: 30, trans_type: 'saga', branch_id: '01', op: 'action' },
      own: true,
      hasId: true,
    },
  },
];
