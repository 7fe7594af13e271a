import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BranchService } from './branch-service.js';
import { GrpcBranchService } from './grpc-branch-service.js';
import { GrpcClient, grpcSaga } from './grpc-client.js';
import { TestServer } from './test-server.js';

let server: TestServer;
let client: GrpcClient;
let busi: GrpcBranchService;

beforeEach(async () => {
  server = await TestServer.start({ retryIntervalMs: 50 });
  client = new GrpcClient(server.grpcAddress);
  busi = await GrpcBranchService.open();
});

afterEach(async () => {
  client.close();
  busi.close();
  await server.close();
});

function twoSteps(): Parameters<typeof grpcSaga>[1] {
  return [
    { action: busi.url('Out'), compensate: busi.url('OutUndo') },
    { action: busi.url('In'), compensate: busi.url('InUndo') },
  ];
}

async function statusOf(gid: string): Promise<unknown> {
  const { reply } = await client.call('tandem.v1.Tandem', 'Query', { gid });
  return (reply['transaction'] as Readonly<Record<string, unknown>>)['status'];
}

describe("DTM's service", () => {
  test('NewGid gives gids that differ', async () => {
    const [one, other] = await Promise.all([client.dtm('NewGid'), client.dtm('NewGid')]);
    expect(one.reply['Gid']).not.toBe(other.reply['Gid']);
  });

  test('a saga succeeds: each branch has its bytes and the names of its call', async () => {
    expect(await client.dtm('Submit', grpcSaga('g1', twoSteps()))).toMatchObject({ code: status.OK });
    expect(busi.calls.map(({ method, payload }) => [method, [...payload]])).toEqual([
      ['Out', [0, 0, 255]],
      ['In', [1, 0, 255]],
    ]);
    expect(busi.calls[1]?.metadata.getMap()).toMatchObject({
      'dtm-gid': 'g1',
      'dtm-trans_type': 'saga',
      'dtm-branch_id': '02',
      'dtm-op': 'action',
    });
  });

  test('a saga fails: ABORTED says why, and both steps are compensated backwards', async () => {
    busi.answer('In', status.ABORTED, 'no money für dich');
    const answer = await client.dtm('Submit', grpcSaga('g2', twoSteps()));
    expect(answer).toMatchObject({ code: status.ABORTED, message: 'branch 02 refused: no money für dich' });
    expect(answer.trailers.get('tandem-code')).toEqual(['TRANSACTION_FAILED']);
    expect(busi.calls.map(({ method }) => method)).toEqual(['Out', 'In', 'InUndo', 'OutUndo']);
  });

  test('a saga that is not done in time is FAILED_PRECONDITION, before the deadline of the caller', async () => {
    busi.on('In', () => undefined);
    const answer = await client.dtm('Submit', grpcSaga('g3', twoSteps()), { timeoutMs: 5_500 });
    expect(answer).toMatchObject({ code: status.FAILED_PRECONDITION });
    expect(await statusOf('g3')).toBe('submitted');
  });

  test('a saga without wait_result is answered as soon as it is durable', async () => {
    busi.on('Out', () => undefined);
    const request = { ...grpcSaga('g4', twoSteps()), TransOptions: {} };
    expect(await client.dtm('Submit', request)).toMatchObject({ code: status.OK });
  });

  test('options and headers reach the branches; the trace context of the caller goes on', async () => {
    const TransOptions = { WaitResult: true, RequestTimeout: 7, BranchHeaders: { 'X-Tenant': 'seven', 'k-bin': 'ab' } };
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const request = { ...grpcSaga('g5', twoSteps()), TransOptions };
    expect(await client.dtm('Submit', request, { metadata: { traceparent } })).toMatchObject({ code: status.OK });
    const { metadata, deadline } = busi.calls[0] ?? {};
    expect(metadata?.getMap()).toMatchObject({ 'x-tenant': 'seven', traceparent });
    expect(metadata?.get('k-bin')).toEqual([Buffer.from('ab')]);
    expect(Number(deadline) - Date.now()).toBeGreaterThan(5_000);
  });

  test('a message is prepared, submitted and delivered; a repeat answers as it stands', async () => {
    const message = {
      Gid: 'm1',
      TransType: 'msg',
      Steps: JSON.stringify([{ action: busi.url('In') }]),
      BinPayloads: [Buffer.from('hi')],
      QueryPrepared: busi.url('Check'),
    };
    expect(await client.dtm('Prepare', message)).toMatchObject({ code: status.OK });
    const submit = { ...message, TransOptions: { WaitResult: true } };
    expect(await client.dtm('Submit', submit)).toMatchObject({ code: status.OK });
    expect(await client.dtm('Submit', submit)).toMatchObject({ code: status.OK });
    expect(busi.calls).toHaveLength(1);
  });

  test('a message that nobody submits is checked back by gRPC', async () => {
    busi.answer('Check', status.ABORTED, 'FAILURE');
    const message = {
      Gid: 'm2',
      TransType: 'msg',
      Steps: JSON.stringify([{ action: busi.url('In') }]),
      BinPayloads: [Buffer.from('hi')],
      QueryPrepared: busi.url('Check'),
      TransOptions: { TimeoutToFail: 1 },
    };
    await client.dtm('Prepare', message);
    await busi.until(() => busi.callsOf('Check').length === 1);
    expect(busi.callsOf('Check')[0]?.metadata.getMap()).toMatchObject({ 'dtm-branch_id': '00', 'dtm-op': 'msg' });
    await expect.poll(() => statusOf('m2')).toBe('failed');
  });

  test('a prepared message is aborted', async () => {
    const message = { Gid: 'm3', TransType: 'msg', Steps: 'null', QueryPrepared: busi.url('Check') };
    await client.dtm('Prepare', message);
    expect(await client.dtm('Abort', { Gid: 'm3', TransType: 'msg' })).toMatchObject({ code: status.OK });
    expect(await client.dtm('Submit', message)).toMatchObject({ code: status.ABORTED });
  });

  test('a TCC registers by gRPC and is confirmed', async () => {
    const tcc = { Gid: 't1', TransType: 'tcc', Steps: 'null' };
    await client.dtm('Prepare', tcc);
    const Data = { confirm: busi.url('In'), cancel: busi.url('InUndo') };
    const branch = { Gid: 't1', TransType: 'tcc', BranchID: '01', Data, BusiPayload: Buffer.from([0, 200]) };
    expect(await client.dtm('RegisterBranch', branch)).toMatchObject({ code: status.OK });
    const submit = { ...tcc, TransOptions: { WaitResult: true } };
    expect(await client.dtm('Submit', submit)).toMatchObject({ code: status.OK });
    expect(busi.calls.map(({ method, payload }) => [method, [...payload]])).toEqual([['In', [0, 200]]]);
    expect(busi.calls[0]?.metadata.getMap()).toMatchObject({ 'dtm-op': 'confirm', 'dtm-branch_id': '01' });
  });

  test('a TCC is aborted: its branches are cancelled before the answer', async () => {
    const tcc = { Gid: 't2', TransType: 'tcc' };
    await client.dtm('Prepare', tcc);
    const Data = { confirm: busi.url('In'), cancel: busi.url('InUndo') };
    await client.dtm('RegisterBranch', { ...tcc, BranchID: '01', Data });
    expect(await client.dtm('Abort', { ...tcc, TransOptions: { WaitResult: true } })).toMatchObject({
      code: status.OK,
    });
    expect(busi.calls.map(({ method }) => method)).toEqual(['InUndo']);
  });

  test('a workflow records steps as bytes, and finds them and its result again', async () => {
    const CustomedData = JSON.stringify({ name: 'transfer', data: Buffer.from('in').toString('base64') });
    const workflow = { Gid: 'w1', TransType: 'workflow', QueryPrepared: busi.url('In'), CustomedData };
    expect((await client.dtm('PrepareWorkflow', workflow)).reply).toMatchObject({ Progresses: [] });
    const Data = { op: 'action', status: 'succeed' };
    const step = { Gid: 'w1', TransType: 'workflow', BranchID: '01', Data, BusiPayload: Buffer.from([0, 255]) };
    expect(await client.dtm('RegisterBranch', step)).toMatchObject({ code: status.OK });
    const ReqExtra = { status: 'succeed', rollback_reason: '', result: 'cmVzdWx0' };
    expect(await client.dtm('Submit', { ...workflow, ReqExtra })).toMatchObject({ code: status.OK });
    expect((await client.dtm('PrepareWorkflow', workflow)).reply).toMatchObject({
      Transaction: { Gid: 'w1', Status: 'succeed', Result: 'cmVzdWx0' },
      Progresses: [{ BranchID: '01', Op: 'action', Status: 'succeed', BinData: Buffer.from([0, 255]) }],
    });
    const late = await client.dtm('RegisterBranch', { ...step, BranchID: '02' });
    expect(late).toMatchObject({ code: status.FAILED_PRECONDITION });
  });

  test('topics: subscribers by gRPC and by HTTP get the same message', async () => {
    const overHttp = await BranchService.open();
    try {
      await client.dtm('Subscribe', { Topic: 'paid', URL: busi.url('In'), Remark: 'grpc' });
      await client.dtm('Subscribe', { Topic: 'paid', URL: `${overHttp.url}/in`, Remark: 'http' });
      const again = await client.dtm('Subscribe', { Topic: 'paid', URL: busi.url('In') });
      expect(again).toMatchObject({ code: status.ALREADY_EXISTS });
      const message = {
        Gid: 'm4',
        TransType: 'msg',
        TransOptions: { WaitResult: true },
        Steps: JSON.stringify([{ action: 'topic://paid' }]),
        BinPayloads: [Buffer.from('{"n":1}')],
      };
      expect(await client.dtm('Submit', message)).toMatchObject({ code: status.OK });
      expect(busi.callsOf('In')[0]?.payload.toString()).toBe('{"n":1}');
      expect(overHttp.callsOf('/in')[0]?.body).toBe('{"n":1}');
      await client.dtm('Unsubscribe', { Topic: 'paid', URL: busi.url('In') });
      expect(await client.dtm('DeleteTopic', { Topic: 'paid' })).toMatchObject({ code: status.OK });
      expect(await client.dtm('DeleteTopic', { Topic: 'paid' })).toMatchObject({ code: status.NOT_FOUND });
    } finally {
      await overHttp.close();
    }
  });
});

describe('transactions of both wires', () => {
  test('a saga submitted by gRPC has an HTTP branch, and one submitted by HTTP a gRPC branch', async () => {
    const overHttp = await BranchService.open();
    try {
      const mixed = [{ action: `${overHttp.url}/a` }, { action: busi.url('In') }];
      expect(await client.dtm('Submit', grpcSaga('x1', mixed))).toMatchObject({ code: status.OK });
      const steps = [{ action: `${overHttp.url}/b` }, { action: `grpc://${busi.url('Out')}` }];
      const body = { gid: 'x2', trans_type: 'saga', wait_result: true, steps, payloads: ['{}', '{"to":"bob"}'] };
      expect(await server.post('submit', body)).toMatchObject({ status: 200 });
      expect(overHttp.calls.map(({ path }) => path)).toEqual(['/a', '/b']);
      expect(busi.calls.map(({ payload }) => payload.toString('latin1'))).toEqual(['\u0001\u0000ÿ', '{"to":"bob"}']);
    } finally {
      await overHttp.close();
    }
  });

  test('what gRPC created is seen by HTTP, and the other way round', async () => {
    await client.dtm('Submit', grpcSaga('x3', twoSteps()));
    const { json } = await server.get('query?gid=x3');
    expect(json['transaction']).toMatchObject({ gid: 'x3', status: 'succeed', protocol: 'grpc' });
    const { reply } = await client.call('tandem.v1.Tandem', 'Query', { gid: 'x3' });
    expect(reply).toMatchObject({
      transaction: { gid: 'x3', trans_type: 'saga', status: 'succeed', protocol: 'grpc' },
      branches: [
        { branch_id: '01', op: 'compensate', url: busi.url('OutUndo'), status: 'prepared' },
        { branch_id: '01', op: 'action', url: busi.url('Out'), status: 'succeed', payload: Buffer.from([0, 0, 255]) },
        { branch_id: '02', op: 'compensate', url: busi.url('InUndo'), status: 'prepared' },
        { branch_id: '02', op: 'action', url: busi.url('In'), status: 'succeed', payload: Buffer.from([1, 0, 255]) },
      ],
    });
  });
});

describe('refusals', () => {
  const cases: readonly [string, string, object, number, string][] = [
    ['no gid', 'Submit', { TransType: 'saga' }, status.INVALID_ARGUMENT, 'INVALID_GID'],
    ['no such type', 'Submit', { Gid: 'r', TransType: 'nope' }, status.INVALID_ARGUMENT, 'UNKNOWN_TRANSACTION_TYPE'],
    [
      'steps that are no JSON',
      'Submit',
      { Gid: 'r', TransType: 'saga', Steps: '{' },
      status.INVALID_ARGUMENT,
      'INVALID_JSON',
    ],
    ['no steps', 'Submit', { Gid: 'r', TransType: 'saga' }, status.INVALID_ARGUMENT, 'INVALID_REQUEST'],
    [
      'a branch of no known scheme',
      'Submit',
      grpcSaga('r', [{ action: 'etcd://x/a.B/C' }]),
      status.INVALID_ARGUMENT,
      'UNSUPPORTED_BRANCH_URL',
    ],
    [
      'a branch without a method',
      'Submit',
      grpcSaga('r', [{ action: 'host:1/C' }]),
      status.INVALID_ARGUMENT,
      'UNSUPPORTED_BRANCH_URL',
    ],
    [
      'fewer payloads than steps',
      'Submit',
      { ...grpcSaga('r', [{ action: 'h:1/a.B/C' }]), BinPayloads: [] },
      status.INVALID_ARGUMENT,
      'INVALID_REQUEST',
    ],
    [
      'a negative time',
      'Submit',
      { ...grpcSaga('r', [{ action: 'h:1/a.B/C' }]), TransOptions: { RetryInterval: -1 } },
      status.INVALID_ARGUMENT,
      'INVALID_REQUEST',
    ],
    [
      'a payload that is too large',
      'Submit',
      { ...grpcSaga('r', [{ action: 'h:1/a.B/C' }]), BinPayloads: [Buffer.alloc(4 * 1024 * 1024 + 1)] },
      status.RESOURCE_EXHAUSTED,
      'LIMIT_EXCEEDED',
    ],
    ['an unknown gid', 'Abort', { Gid: 'unknown', TransType: 'msg' }, status.NOT_FOUND, 'NOT_FOUND'],
    ['no topic', 'Subscribe', { URL: 'h:1/a.B/C' }, status.INVALID_ARGUMENT, 'INVALID_REQUEST'],
    ['an unknown topic', 'Unsubscribe', { Topic: 't', URL: 'h:1/a.B/C' }, status.NOT_FOUND, 'TOPIC_NOT_FOUND'],
  ];

  test.each(cases)('%s', async (_name, method, request, code, tandemCode) => {
    const answer = await client.dtm(method, request);
    expect({ code: answer.code, tandem: answer.trailers.get('tandem-code') }).toEqual({ code, tandem: [tandemCode] });
    expect(answer.message).not.toBe('');
  });

  test('the same gid with other steps is ABORTED', async () => {
    await client.dtm('Submit', grpcSaga('r1', twoSteps()));
    const answer = await client.dtm('Submit', grpcSaga('r1', [{ action: busi.url('Out') }]));
    expect(answer).toMatchObject({ code: status.ABORTED });
    expect(answer.trailers.get('tandem-code')).toEqual(['CONFLICTING_REPEAT']);
  });

  test('Query of an unknown gid is NOT_FOUND', async () => {
    const answer = await client.call('tandem.v1.Tandem', 'Query', { gid: 'unknown' });
    expect(answer).toMatchObject({ code: status.NOT_FOUND });
  });
});

test('calls are counted by method and status', async () => {
  await client.dtm('Submit', { Gid: 'r', TransType: 'nope' });
  await client.dtm('NewGid');
  const { text } = await server.get('/api/metrics');
  expect(text).toContain('tandem_grpc_requests_total{method="/dtmgimp.Dtm/Submit",status="3"} 1');
  expect(text).toContain('tandem_grpc_requests_total{method="/dtmgimp.Dtm/NewGid",status="0"} 1');
  expect(text).toContain('tandem_grpc_request_duration_seconds_count{method="/dtmgimp.Dtm/Submit"} 1');
});
