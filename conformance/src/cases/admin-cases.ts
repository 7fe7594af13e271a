import type { Case } from '../case.js';
import type { Members } from '../wire/wire.js';
import { everyWire, grpcOnly, httpOnly, jsonRpcOnly, message, saga } from './shapes.js';

export const adminCases: readonly Case[] = [
  {
    id: 'server/new-gid',
    does: 'gives out gids that differ',
    source: 'dtmsvr/api_http.go:53',
    wires: everyWire,
    observe: async (scene) => {
      const gids = [];
      for (let count = 0; count < 2; count += 1) {
        const { body, outcome } = await scene.wire.newGid();
        const reply = body as { gid?: string; Gid?: string; result?: { gid: string } };
        gids.push(outcome === 'success' ? (reply.gid ?? reply.Gid ?? reply.result?.gid) : undefined);
      }
      return { are: gids.map((gid) => typeof gid), differ: gids[0] !== gids[1] };
    },
    expected: { are: ['string', 'string'], differ: true },
  },
  {
    id: 'server/new-gid-body',
    does: 'answers newGid with gid and dtm_result, and nothing that is not a text',
    source: 'dtmsvr/api_http.go:54',
    wires: httpOnly,
    observe: async (scene) => {
      const { body, code } = await scene.http.get('newGid');
      const { gid, ...rest } = body as Members;
      return { code, rest, gid: typeof gid };
    },
    expected: { code: '200', rest: { dtm_result: 'SUCCESS' }, gid: 'string' },
  },
  {
    id: 'server/ping',
    does: 'answers /api/ping and tells its version',
    source: 'dtmutil/utils.go:46',
    wires: httpOnly,
    observe: async (scene) => {
      const ping = await scene.http.get('/api/ping');
      const version = await scene.http.get('version');
      return { ping: ping.body, version: typeof (version.body as Members)['version'] };
    },
    expected: { ping: { msg: 'pong' }, version: 'string' },
  },
  {
    id: 'server/answers-of-submit',
    does: 'answers 200 with dtm_result SUCCESS, and 409 with dtm_result FAILURE',
    source: 'dtmutil/utils.go:85',
    wires: httpOnly,
    observe: async (scene) => {
      const taken = await scene.send('submit', saga(scene, ['debit'], { wait_result: true }));
      const refused = await scene.send('abort', { trans_type: 'saga' });
      return {
        taken: [taken.code, taken.text],
        refused: [refused.code, (refused.body as Members)['dtm_result'], typeof (refused.body as Members)['message']],
      };
    },
    expected: { taken: ['200', '{"dtm_result":"SUCCESS"}'], refused: ['409', 'FAILURE', 'string'] },
  },
  {
    id: 'query/known',
    does: 'tells a transaction with its branch operations, payloads in base64',
    source: 'dtmsvr/api_http.go:90',
    wires: httpOnly,
    observe: async (scene) => {
      await scene.send('submit', saga(scene, ['debit'], { wait_result: true }));
      const { body } = await scene.http.get(`query?gid=${scene.gid}`);
      const { transaction, branches } = body as { transaction: Members; branches: Members[] };
      const { gid, trans_type: type, status, protocol } = transaction;
      const rows = branches.map((row) => [row['branch_id'], row['op'], row['status'], row['bin_data']]);
      return { own: gid === scene.gid, type, status, protocol, rows };
    },
    expected: {
      own: true,
      type: 'saga',
      status: 'succeed',
      protocol: 'http',
      rows: [
        ['01', 'compensate', 'prepared', 'eyJhbW91bnQiOjMwfQ=='],
        ['01', 'action', 'succeed', 'eyJhbW91bnQiOjMwfQ=='],
      ],
    },
  },
  {
    id: 'query/unknown',
    does: 'answers 200 without a transaction for a gid that does not exist',
    source: 'dtmsvr/api_http.go:95',
    wires: httpOnly,
    observe: async (scene) => {
      const { code, body } = await scene.http.get(`query?gid=${scene.gid}`);
      return { code, body };
    },
    expected: { code: '200', body: { branches: [], transaction: null } },
  },
  {
    id: 'all/by-gid',
    does: 'lists one transaction by its gid',
    source: 'dtmsvr/api_http.go:113',
    wires: httpOnly,
    observe: async (scene) => {
      await scene.send('submit', saga(scene, ['debit'], { wait_result: true }));
      const { body } = await scene.http.get(`all?gid=${scene.gid}`);
      const { transactions } = body as { transactions: Members[] };
      return { own: transactions.map((one) => one['gid'] === scene.gid) };
    },
    expected: { own: [true] },
  },
  {
    id: 'all/by-type-and-status',
    does: 'lists transactions by type and status, a page at a time',
    source: 'dtmsvr/api_http.go:119',
    wires: httpOnly,
    observe: async (scene) => {
      await scene.send('submit', saga(scene, ['debit'], { wait_result: true }));
      const { body } = await scene.http.get('all?limit=5&transType=saga&status=succeed');
      const { transactions, next_position: next } = body as { transactions: Members[]; next_position: unknown };
      const fits = transactions.every((one) => one['trans_type'] === 'saga' && one['status'] === 'succeed');
      return { fits, atMostFive: transactions.length <= 5, some: transactions.length > 0, next: typeof next };
    },
    expected: { fits: true, atMostFive: true, some: true, next: 'string' },
  },
  {
    id: 'admin/force-stop',
    does: 'ends a transaction as failed without compensating, and refuses to do so twice',
    source: 'dtmsvr/api.go:82',
    wires: httpOnly,
    observe: async (scene) => {
      scene.answer('credit', 'unknown');
      await scene.send('submit', saga(scene, ['debit', 'credit'], { retry_interval: 10 }));
      await scene.called('credit');
      await scene.quiet(200);
      const body = JSON.stringify({ gid: scene.gid, trans_type: 'saga' });
      const stopped = await scene.http.post('forceStop', body);
      const again = await scene.http.post('forceStop', body);
      const undone = scene.calls('debit-undo').length;
      return { stopped: stopped.outcome, again: again.outcome, status: await scene.status(), undone };
    },
    expected: { stopped: 'success', again: 'refused', status: 'failed', undone: 0 },
  },
  {
    id: 'admin/retry-one-now',
    does: 'is asked by resetNextCronTime to retry what waits for its next try',
    source: 'dtmsvr/storage/boltdb/boltdb.go:488',
    wires: httpOnly,
    observe: async (scene) => {
      scene.answer('debit', 'unknown', 'success');
      await scene.send('submit', saga(scene, ['debit'], { retry_interval: 60 }));
      await scene.called('debit');
      // More than once: the answer has to be written down before there is a next try to bring forward.
      let outcome = '';
      await scene.until(async () => {
        ({ outcome } = await scene.http.post('resetNextCronTime', JSON.stringify({ gid: scene.gid })));
        return scene.called('debit', 2, 1_500);
      }, 10_000);
      return { outcome, status: await scene.settled(6_000) };
    },
    expected: { outcome: 'success', status: 'submitted' },
    differs: {
      tandem: { outcome: 'success', status: 'succeed' },
      verdict: 'ours right',
      reason: 'DTM on BoltDB and Redis answers SUCCESS and does nothing',
    },
  },
  {
    id: 'admin/retry-all-now',
    does: 'retries by resetCronTime what waits for longer than the given time',
    source: 'dtmsvr/api_http.go:138',
    wires: httpOnly,
    observe: async (scene) => {
      scene.answer('debit', 'unknown', 'success');
      await scene.send('submit', saga(scene, ['debit'], { retry_interval: 3_000 }));
      await scene.called('debit');
      // More than once: the answer has to be written down before there is a next try to bring forward.
      let told: Members = {};
      await scene.until(async () => {
        const { body } = await scene.http.get('resetCronTime?timeout=2000&limit=100');
        told = body as Members;
        return Number(told['succeed_count']) >= 1;
      });
      const { has_remaining: remaining, succeed_count: count } = told;
      return { remaining, counted: Number(count) >= 1, status: await scene.settled() };
    },
    expected: { remaining: false, counted: true, status: 'succeed' },
  },
  {
    id: 'json-rpc/result',
    does: 'answers with the version, the id and a result',
    source: 'dtmsvr/api_json_rpc.go:82',
    wires: jsonRpcOnly,
    observe: async (scene) => {
      const { body } = await scene.jsonRpc.call({ jsonrpc: '2.0', id: 'no-use', method: 'newGid', params: {} });
      const { jsonrpc, id, error, result } = body as Record<string, unknown>;
      return { jsonrpc, id, hasError: error !== null && error !== undefined, hasResult: typeof result };
    },
    expected: { jsonrpc: '2.0', id: 'no-use', hasError: false, hasResult: 'object' },
  },
  {
    id: 'json-rpc/number-as-id',
    does: 'is sent a number as id',
    source: 'dtmsvr/api_json_rpc.go:19',
    wires: jsonRpcOnly,
    observe: async (scene) => {
      const { body, code } = await scene.jsonRpc.call({ jsonrpc: '2.0', id: 7, method: 'newGid', params: {} });
      return { code, id: (body as Members)['id'] };
    },
    expected: { code: '-32700', id: '' },
    differs: {
      tandem: { code: 'result', id: 7 },
      verdict: 'ours right',
      reason: 'JSON-RPC 2.0 allows numbers as ids',
    },
  },
  ...[
    { id: 'unknown-method', request: { jsonrpc: '2.0', id: 'a', method: 'dance', params: {} }, code: '-32601' },
    { id: 'not-2.0', request: { jsonrpc: '1.0', id: 'a', method: 'newGid', params: {} }, code: '-32600' },
    { id: 'no-json', request: '{"jsonrpc":', code: '-32700' },
  ].map(({ id, request, code }): Case => ({
    id: `json-rpc/${id}`,
    does: `answers ${code} with status 200`,
    source: 'dtmsvr/api_json_rpc.go:40',
    wires: jsonRpcOnly,
    observe: async (scene) => ({ code: (await scene.jsonRpc.call(request)).code }),
    expected: { code },
  })),
  {
    id: 'json-rpc/refusal',
    does: 'answers -32901 where the other wires say 409 and ABORTED',
    source: 'dtmsvr/api_json_rpc.go:61',
    wires: jsonRpcOnly,
    observe: async (scene) => {
      scene.answer('debit', 'failure');
      const { code, text } = await scene.send('submit', saga(scene, ['debit'], { wait_result: true }));
      return { code, tellsWhy: text.includes('no balance') };
    },
    expected: { code: '-32901', tellsWhy: true },
  },
  {
    id: 'grpc/refusal',
    does: 'answers ABORTED with the reason',
    source: 'client/dtmgrpc/type.go (DtmError2GrpcError)',
    wires: grpcOnly,
    observe: async (scene) => {
      scene.answer('debit', 'failure');
      const { code, text } = await scene.send('submit', saga(scene, ['debit'], { wait_result: true }));
      return { code, tellsWhy: text.includes('no balance') };
    },
    expected: { code: 'ABORTED', tellsWhy: true },
  },
  {
    id: 'grpc/unknown-method',
    does: 'answers UNIMPLEMENTED for a method that does not exist',
    source: 'gRPC itself',
    wires: grpcOnly,
    observe: async (scene) => ({ code: (await scene.grpc.raw('/dtmgimp.Dtm/Dance', Buffer.alloc(0))).code }),
    expected: { code: 'UNIMPLEMENTED' },
  },
  {
    id: 'grpc/malformed-message',
    does: 'is sent bytes that are no message',
    source: 'gRPC itself (grpc-go answers INTERNAL)',
    wires: grpcOnly,
    observe: async (scene) => ({
      code: (await scene.grpc.raw('/dtmgimp.Dtm/Submit', Buffer.from([0x0a, 0x7f, 0x01]))).code,
    }),
    expected: { code: 'INTERNAL' },
    differs: {
      tandem: { code: 'INVALID_ARGUMENT' },
      verdict: 'both defensible',
      reason: 'a fault of the caller; gRPC itself names no code for it',
    },
  },
  {
    id: 'grpc/unknown-gid',
    does: 'is asked over gRPC to abort what does not exist',
    source: 'dtmsvr/svr.go:135',
    wires: grpcOnly,
    observe: async (scene) => ({ code: (await scene.send('abort', message(scene, ['mail']))).code }),
    expected: { code: 'INTERNAL' },
    differs: { tandem: { code: 'NOT_FOUND' }, verdict: 'ours right', reason: 'DTM panics inside' },
  },
  {
    id: 'grpc/bad-steps',
    does: 'is sent steps that are not JSON',
    source: 'dtmsvr/trans_class.go:107',
    wires: grpcOnly,
    observe: async (scene) => ({
      code: (await scene.grpc.method('Submit', { Gid: scene.gid, TransType: 'saga', Steps: '[{' })).code,
    }),
    expected: { code: 'INTERNAL' },
    differs: { tandem: { code: 'INVALID_ARGUMENT' }, verdict: 'ours right', reason: 'DTM panics inside' },
  },
  {
    id: 'grpc/health',
    does: 'tells its health by grpc.health.v1',
    source: 'dtmsvr/svr.go:62',
    wires: grpcOnly,
    observe: async (scene) => ({
      code: (await scene.grpc.raw('/grpc.health.v1.Health/Check', Buffer.alloc(0))).code,
    }),
    expected: { code: 'UNIMPLEMENTED' },
    differs: { tandem: { code: 'OK' }, verdict: 'ours right', reason: 'load balancers and Kubernetes ask for it' },
  },
  {
    id: 'grpc/reflection',
    does: 'lists its services by reflection',
    source: 'dtmsvr/svr.go:64',
    wires: grpcOnly,
    observe: async (scene) => ({ lists: (await scene.grpc.listedServices()).includes('dtmgimp.Dtm') }),
    expected: { lists: true },
  },
];
