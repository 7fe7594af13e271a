import type { Case } from '../case.js';
import { RawGrpcParticipant } from '../participants/raw-grpc-participant.js';
import { byteWires, everyWire, grpcOnly, httpOnly, jsonRpcOnly, payload, saga } from './shapes.js';

export const sagaCases: readonly Case[] = [
  {
    id: 'saga/succeeds',
    does: 'runs the actions one after the other and tells a caller who waits',
    source: 'dtmsvr/trans_type_saga.go:28',
    wires: everyWire,
    observe: async (scene) => {
      const { outcome } = await scene.send('submit', saga(scene, ['debit', 'credit'], { wait_result: true }));
      return { outcome, log: scene.log(), status: await scene.status() };
    },
    expected: { outcome: 'success', log: ['debit 01 action', 'credit 02 action'], status: 'succeed' },
  },
  {
    id: 'saga/accepted-without-waiting',
    does: 'answers before the branches are called when nobody waits',
    source: 'dtmsvr/trans_process.go:33',
    wires: everyWire,
    observe: async (scene) => {
      scene.answer('debit', { afterMs: 600, then: 'success' });
      const { outcome } = await scene.send('submit', saga(scene, ['debit']));
      return { outcome, atOnce: await scene.status(), later: await scene.settled() };
    },
    expected: { outcome: 'success', atOnce: 'submitted', later: 'succeed' },
  },
  {
    id: 'saga/rolls-back',
    does: 'compensates the refused step and those before it, last first, and not those after it',
    source: 'dtmsvr/trans_type_saga.go:106',
    wires: everyWire,
    observe: async (scene) => {
      scene.answer('credit', 'failure');
      const reply = await scene.send('submit', saga(scene, ['debit', 'credit', 'notify'], { wait_result: true }));
      const { outcome, text } = reply;
      return { outcome, tellsWhy: text.includes('no balance'), log: scene.log(), status: await scene.status() };
    },
    expected: {
      outcome: 'refused',
      tellsWhy: true,
      log: ['debit 01 action', 'credit 02 action', 'credit-undo 02 compensate', 'debit-undo 01 compensate'],
      status: 'failed',
    },
  },
  {
    id: 'saga/payload-bytes',
    does: 'hands the payload of a step to its action and to its compensation, byte for byte',
    source: 'dtmsvr/trans_type_saga.go:35',
    wires: byteWires,
    observe: async (scene) => {
      const odd = ' {"name" : "Zo\u00eb \u{1F600}",\n "n":1.0, "n":2}\t';
      scene.answer('debit', 'failure');
      await scene.send('submit', { ...saga(scene, ['debit'], { wait_result: true }), payloads: [odd] });
      return { same: scene.calls().map(({ body }) => body.equals(Buffer.from(odd))) };
    },
    expected: { same: [true, true] },
  },
  {
    id: 'saga/empty-payload',
    does: 'calls a step without a payload by GET',
    source: 'dtmsvr/trans_status.go:163',
    wires: httpOnly,
    observe: async (scene) => {
      const transaction = { ...saga(scene, ['debit', 'credit'], { wait_result: true }), payloads: ['', '{}'] };
      await scene.send('submit', transaction);
      return { calls: scene.calls().map(({ method, body }) => `${method} ${body.toString()}`) };
    },
    expected: { calls: ['GET ', 'POST {}'] },
  },
  {
    id: 'saga/empty-payload-keeps-its-place',
    does: 'gives each step its own payload where one of them is empty',
    source: 'client/dtmgrpc/saga.go (one entry of BinPayloads a step)',
    wires: grpcOnly,
    observe: async (scene) => {
      const transaction = { ...saga(scene, ['debit', 'credit'], { wait_result: true }), payloads: ['', 'x'] };
      await scene.send('submit', transaction);
      return { bodies: scene.calls().map(({ body }) => body.toString()) };
    },
    expected: { bodies: ['', 'x'] },
  },
  {
    id: 'saga/call-over-http',
    does: 'adds gid, trans_type, branch_id and op to the query of the URL, and says that the body is JSON',
    source: 'dtmsvr/trans_status.go:145',
    wires: httpOnly,
    observe: async (scene) => {
      const steps = [{ action: `${scene.url('debit')}?account=7&note=a%20b`, compensate: '' }];
      const transaction = { ...saga(scene, ['debit'], { wait_result: true }), steps };
      await scene.send('submit', transaction);
      const [call] = scene.calls();
      const { gid, ...query } = call?.query ?? {};
      return { ownGid: gid === scene.gid, query, type: call?.headers['content-type'], method: call?.method };
    },
    expected: {
      ownGid: true,
      query: { account: '7', note: 'a b', trans_type: 'saga', branch_id: '01', op: 'action' },
      type: 'application/json',
      method: 'POST',
    },
  },
  {
    id: 'saga/call-over-grpc',
    does: 'puts gid, type, branch id and operation into the metadata dtm-*',
    source: 'client/dtmgrpc/dtmgimp/utils.go:64',
    wires: grpcOnly,
    observe: async (scene) => {
      await scene.send('submit', saga(scene, ['debit'], { wait_result: true }));
      const [call] = scene.calls();
      const { gid, type, branchId, op, body } = call ?? {};
      return { metadata: { ownGid: gid === scene.gid, type, branchId, op }, body: body?.toString() };
    },
    expected: {
      metadata: { ownGid: true, type: 'saga', branchId: '01', op: 'action' },
      body: payload,
    },
  },
  {
    id: 'saga/branch-headers',
    does: 'sends branch_headers with actions and compensations',
    source: 'dtmsvr/trans_status.go:152',
    wires: everyWire,
    observe: async (scene) => {
      scene.answer('debit', 'failure');
      const headers = { 'x-tenant': 'blue', authorization: 'Bearer abc' };
      await scene.send('submit', saga(scene, ['debit'], { wait_result: true, branch_headers: headers }));
      return { seen: scene.calls().map((call) => [call.op, call.headers['x-tenant'], call.headers['authorization']]) };
    },
    expected: {
      seen: [
        ['action', 'blue', 'Bearer abc'],
        ['compensate', 'blue', 'Bearer abc'],
      ],
    },
  },
  {
    id: 'saga/empty-urls',
    does: 'takes an empty action or compensation for one that succeeded',
    source: 'dtmsvr/trans_status.go:131',
    wires: everyWire,
    observe: async (scene) => {
      scene.answer('credit', 'failure');
      const steps = [
        { action: '', compensate: scene.url('debit-undo') },
        { action: scene.url('credit'), compensate: '' },
      ];
      const transaction = { ...saga(scene, ['debit', 'credit'], { wait_result: true }), steps };
      const { outcome } = await scene.send('submit', transaction);
      return { outcome, log: scene.log(), status: await scene.status() };
    },
    expected: { outcome: 'refused', log: ['credit 02 action', 'debit-undo 01 compensate'], status: 'failed' },
  },
  {
    id: 'saga/unclear-is-retried',
    does: 'calls a step again after an unclear answer',
    source: 'dtmsvr/trans_status.go:226',
    wires: everyWire,
    observe: async (scene) => {
      scene.answer('debit', 'unknown', 'success');
      await scene.send('submit', saga(scene, ['debit', 'credit'], { retry_interval: 1 }));
      return { status: await scene.settled(), log: scene.log() };
    },
    expected: { status: 'succeed', log: ['debit 01 action', 'debit 01 action', 'credit 02 action'] },
  },
  {
    id: 'saga/ongoing-is-retried',
    does: 'calls a step again that is not done yet',
    source: 'dtmsvr/trans_status.go:223',
    wires: byteWires,
    observe: async (scene) => {
      scene.answer('debit', 'ongoing', 'ongoing', 'success');
      await scene.send('submit', saga(scene, ['debit'], { retry_interval: 1 }));
      return { status: await scene.settled(), log: scene.log() };
    },
    expected: { status: 'succeed', log: ['debit 01 action', 'debit 01 action', 'debit 01 action'] },
  },
  {
    id: 'saga/waiting-for-what-still-runs',
    does: 'tells a caller who waits about a saga that still runs',
    source: 'dtmsvr/trans_process.go:51',
    wires: everyWire,
    observe: async (scene) => {
      scene.answer('debit', 'unknown');
      const transaction = saga(scene, ['debit'], { wait_result: true, retry_interval: 30 });
      const { outcome } = await scene.send('submit', transaction);
      return { outcome, status: await scene.status() };
    },
    expected: { outcome: 'refused', status: 'submitted' },
    differs: {
      tandem: { outcome: 'ongoing', status: 'submitted' },
      verdict: 'ours right',
      reason: 'DTM says FAILURE of what it goes on with, and what may succeed yet',
    },
  },
  {
    id: 'saga/recovers-while-one-waits',
    does: 'tells a caller who waits about a saga that succeeds at its second try, a second later',
    source: 'dtmsvr/trans_process.go:51',
    wires: everyWire,
    observe: async (scene) => {
      scene.answer('debit', 'unknown', 'success');
      const transaction = saga(scene, ['debit'], { wait_result: true, retry_interval: 1 });
      const { outcome } = await scene.send('submit', transaction);
      return { outcome, end: await scene.settled() };
    },
    expected: { outcome: 'refused', end: 'succeed' },
    differs: {
      tandem: { outcome: 'success', end: 'succeed' },
      verdict: 'ours right',
      reason: 'who waits is told the outcome, not that the first try was unclear',
    },
  },
  {
    id: 'saga/compensation-never-fails',
    does: 'calls a compensation again that answers failure',
    source: 'dtmsvr/trans_status.go:216',
    wires: everyWire,
    observe: async (scene) => {
      scene.answer('debit', 'failure');
      scene.answer('debit-undo', 'failure', 'success');
      await scene.send('submit', saga(scene, ['debit'], { retry_interval: 1 }));
      return { status: await scene.settled(), log: scene.log() };
    },
    expected: { status: 'failed', log: ['debit 01 action', 'debit-undo 01 compensate', 'debit-undo 01 compensate'] },
  },
  {
    id: 'saga/retry-limit',
    does: 'rolls back after retry_limit tries beyond the first',
    source: 'dtmsvr/trans_type_saga.go:177',
    wires: everyWire,
    observe: async (scene) => {
      scene.answer('debit', 'unknown');
      await scene.send('submit', saga(scene, ['debit'], { retry_limit: 2, retry_interval: 1 }));
      return { status: await scene.settled(), actions: scene.calls('debit').length };
    },
    expected: { status: 'failed', actions: 3 },
  },
  {
    id: 'saga/times-out',
    does: 'rolls back when it is not done within timeout_to_fail',
    source: 'dtmsvr/trans_type_saga.go:53',
    wires: everyWire,
    observe: async (scene) => {
      scene.answer('debit', 'ongoing');
      await scene.send('submit', saga(scene, ['debit'], { timeout_to_fail: 2, retry_interval: 1 }));
      const status = await scene.settled();
      const reason = String((await scene.transaction())?.['rollback_reason']);
      const undone = scene.calls('debit-undo').length;
      return { status, saysTimeout: /timeout/i.test(reason), undone };
    },
    expected: { status: 'failed', saysTimeout: true, undone: 1 },
  },
  {
    id: 'saga/concurrent',
    does: 'runs the steps of a concurrent saga side by side',
    source: 'dtmsvr/trans_type_saga.go:91',
    wires: everyWire,
    observe: async (scene) => {
      for (const name of ['debit', 'credit']) scene.answer(name, { afterMs: 500, then: 'success' });
      const custom = { custom_data: '{"concurrent":true,"orders":{}}', concurrent: true };
      await scene.send('submit', saga(scene, ['debit', 'credit'], { wait_result: true, ...custom }));
      const [first, second] = scene.calls();
      return { together: (second?.atMs ?? Infinity) - (first?.atMs ?? 0) < 400, status: await scene.status() };
    },
    expected: { together: true, status: 'succeed' },
  },
  {
    id: 'saga/orders',
    does: 'starts a step of a concurrent saga after those that its order names, and compensates the other way',
    source: 'dtmsvr/trans_type_saga.go:97',
    wires: everyWire,
    observe: async (scene) => {
      scene.answer('one', { afterMs: 200, then: 'success' });
      scene.answer('three', 'failure');
      const custom = { custom_data: '{"concurrent":true,"orders":{"1":[0],"2":[1]}}', concurrent: true };
      await scene.send('submit', saga(scene, ['one', 'two', 'three'], { wait_result: true, ...custom }));
      return { log: scene.log() };
    },
    expected: {
      log: [
        'one 01 action',
        'two 02 action',
        'three 03 action',
        'three-undo 03 compensate',
        'two-undo 02 compensate',
        'one-undo 01 compensate',
      ],
    },
  },
  {
    id: 'saga/orders-as-a-list',
    does: "reads orders whose steps are 0, 1 as PHP's SDK writes them: as a list",
    source: 'dtmsvr/trans_type_saga.go:97',
    wires: everyWire,
    observe: async (scene) => {
      scene.answer('one', { afterMs: 200, then: 'success' });
      const custom = { custom_data: '{"concurrent":true,"orders":[[],[0]]}', concurrent: true };
      const { outcome } = await scene.send('submit', saga(scene, ['one', 'two'], custom));
      return { outcome, status: await scene.settled(), log: scene.log() };
    },
    expected: { outcome: 'success', status: 'submitted', log: [] },
    differs: {
      tandem: { outcome: 'success', status: 'succeed', log: ['one 01 action', 'two 02 action'] },
      verdict: 'ours right',
      reason: 'PHP writes an array whose keys are 0, 1, 2 as a list; DTM accepts the saga and never calls a step of it',
    },
  },
  {
    id: 'saga/branch-headers-as-an-empty-list',
    does: "takes the empty list that PHP's SDK sends for no branch_headers",
    source: 'client/dtmcli/dtmimp/trans_base.go:52',
    wires: httpOnly,
    observe: async (scene) => {
      const { outcome } = await scene.send('submit', saga(scene, ['debit'], { wait_result: true, branch_headers: [] }));
      return { outcome, log: scene.log() };
    },
    expected: { outcome: 'error', log: [] },
    differs: {
      tandem: { outcome: 'success', log: ['debit 01 action'] },
      verdict: 'ours right',
      reason: 'PHP has no other way to write an empty array, and nothing else can be meant',
    },
  },
  {
    id: 'saga/mixed-branches',
    does: 'calls http:// branches of a gRPC transaction over HTTP',
    source: 'dtmsvr/trans_status.go:135',
    wires: grpcOnly,
    observe: async (scene) => {
      const steps = [
        { action: scene.url('debit', 'grpc'), compensate: '' },
        { action: scene.url('credit', 'http'), compensate: '' },
      ];
      const transaction = { ...saga(scene, ['debit', 'credit'], { wait_result: true }), steps };
      const { outcome } = await scene.send('submit', transaction);
      return { outcome, via: scene.calls().map(({ via, body }) => `${via} ${body.toString()}`) };
    },
    expected: { outcome: 'success', via: [`grpc ${payload}`, `http ${payload}`] },
  },
  {
    id: 'saga/three-protocols',
    does: 'has an HTTP, a gRPC and a JSON-RPC branch in one transaction',
    source: 'dtmsvr/trans_status.go:131',
    wires: jsonRpcOnly,
    observe: async (scene) => {
      const ways = ['http', 'grpc', 'json-rpc'] as const;
      const names = ['one', 'two', 'three'];
      scene.answer('three', 'failure');
      const steps = ways.map((way, index) => ({
        action: scene.url(names[index] ?? '', way),
        compensate: scene.url(`${names[index] ?? ''}-undo`, way),
      }));
      const { outcome } = await scene.send('submit', { ...saga(scene, names, { wait_result: true }), steps });
      return { outcome, calls: scene.calls().map(({ name, via }) => `${name} ${via}`) };
    },
    expected: {
      outcome: 'refused',
      calls: ['one http', 'two grpc', 'three json-rpc', 'three-undo json-rpc', 'two-undo grpc', 'one-undo http'],
    },
  },
  {
    id: 'saga/grpc-content-type',
    does: 'calls a gRPC branch with the content type application/grpc alone, which every server takes',
    source: 'client/dtmgrpc/dtmgimp/grpc_clients.go:36',
    wires: grpcOnly,
    observe: async (scene) => {
      const participant = await RawGrpcParticipant.open();
      try {
        const steps = [{ action: `${participant.address}/bank.Bank/Debit`, compensate: '' }];
        await scene.send('submit', { ...saga(scene, ['debit'], { wait_result: true }), steps });
        const [headers] = participant.headers;
        return { contentType: headers?.['content-type'], te: headers?.['te'], path: headers?.[':path'] };
      } finally {
        participant.close();
      }
    },
    expected: { contentType: 'application/grpc+dtm_raw', te: 'trailers', path: '/bank.Bank/Debit' },
    differs: {
      tandem: { contentType: 'application/grpc', te: 'trailers', path: '/bank.Bank/Debit' },
      verdict: 'ours right',
      reason: 'servers that are not grpc-go refuse a subtype that they do not know',
    },
  },
];
