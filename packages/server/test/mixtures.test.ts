import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BranchService } from './branch-service.js';
import { GrpcBranchService } from './grpc-branch-service.js';
import { message, prepared, saga, step, tccBranch, verdict, workflow } from './requests.js';
import { TestServer } from './test-server.js';
import { ended, viewOf } from './transaction-watch.js';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
let server: TestServer;
let branch: BranchService;
let grpc: GrpcBranchService;

beforeAll(async () => {
  branch = await BranchService.open();
  branch.on('/rpc', (call, response) => {
    const { id } = JSON.parse(call.body) as { readonly id: string };
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result: 'done' }));
  });
  grpc = await GrpcBranchService.open();
  server = await TestServer.start({ retryIntervalMs: 60_000, workflowRetryIntervalMs: 50 });
});

afterAll(async () => {
  await server.close();
  await branch.close();
  grpc.close();
});

describe('one transaction over several wires', () => {
  test('a saga calls its branches by HTTP, gRPC and JSON-RPC, and compensates them as it called them', async () => {
    branch.answer('/refused', 409, 'no');
    const steps = [
      { action: `${branch.url}/http`, compensate: `${branch.url}/http-undo` },
      { action: `grpc://${grpc.url('In')}`, compensate: `grpc://${grpc.url('InUndo')}` },
      { action: `${branch.url}/rpc?method=in`, compensate: `${branch.url}/rpc?method=undo` },
      { action: `${branch.url}/refused`, compensate: '' },
    ];
    const answer = await server.post('submit', saga('mixed', steps, { protocol: 'json-rpc' }));
    expect(answer).toMatchObject({ status: 409, json: { message: expect.stringContaining('no') } });
    expect(branch.calls.map(({ path, query }) => path + (query['method'] ?? ''))).toEqual([
      '/http',
      '/rpcin',
      '/refused',
      '/rpcundo',
      '/http-undo',
    ]);
    expect(grpc.calls.map(({ method, payload }) => [method, payload.toString()])).toEqual([
      ['In', '{"step":2}'],
      ['InUndo', '{"step":2}'],
    ]);
  });

  test('a JSON-RPC transaction may name a gRPC branch without a scheme, as in DTM', async () => {
    const steps = [{ action: grpc.url('In'), compensate: '' }];
    const answer = await server.post('submit', saga('bare', steps, { protocol: 'json-rpc' }));
    expect(answer.status).toBe(200);
    expect(grpc.callsOf('In').at(-1)?.metadata.getMap()).toMatchObject({ 'dtm-gid': 'bare' });
  });

  test('a TCC has a branch by HTTP and one by gRPC', async () => {
    await server.post('prepare', prepared('mixed-tcc', 'tcc'));
    await server.post('registerBranch', tccBranch('mixed-tcc', '01', branch.url));
    const urls = { confirm: `grpc://${grpc.url('Out')}`, cancel: `grpc://${grpc.url('OutUndo')}` };
    await server.post('registerBranch', tccBranch('mixed-tcc', '02', branch.url, urls));
    expect((await server.post('submit', prepared('mixed-tcc', 'tcc', { wait_result: true }))).status).toBe(200);
    expect(branch.callsOf('/confirm-01')).toHaveLength(1);
    expect(grpc.callsOf('Out')[0]?.metadata.getMap()).toMatchObject({ 'dtm-gid': 'mixed-tcc', 'dtm-op': 'confirm' });
  });

  test("a topic has subscribers by HTTP and by gRPC: each one's URL says how it is called", async () => {
    for (const url of [`${branch.url}/subscriber`, `grpc://${grpc.url('In')}`, grpc.url('OutUndo')]) {
      expect((await server.post('subscribe', { topic: 'orders', url })).status).toBe(200);
    }
    const sent = message('mixed-topic', ['topic://orders'], { wait_result: true });
    expect(await server.post('submit', sent)).toMatchObject({ status: 200 });
    const branchIds = [
      branch.callsOf('/subscriber').at(-1)?.query['branch_id'],
      grpc.callsOf('In').at(-1)?.metadata.get('dtm-branch_id')[0],
      grpc.callsOf('OutUndo').at(-1)?.metadata.get('dtm-branch_id')[0],
    ];
    expect(branchIds).toEqual(['01-01', '01-02', '01-03']);
  });
});

describe('how branches are called', () => {
  test('headers of the transaction and of a branch go together, and the branch has the last word', async () => {
    const own = { branch_headers: { 'x-branch': 'one', 'X-Both': 'branch' } };
    const steps = [{ action: `${branch.url}/h1`, ...own }, { action: `${branch.url}/h2` }];
    const common = { branch_headers: { 'x-all': 'all', 'X-Both': 'transaction' } };
    expect(
      (await server.post('submit', { ...saga('headers', []), steps, payloads: ['a', 'b'], ...common })).status,
    ).toBe(200);
    expect(branch.callsOf('/h1')[0]?.headers).toMatchObject({ 'x-all': 'all', 'x-branch': 'one', 'x-both': 'branch' });
    expect(branch.callsOf('/h2')[0]?.headers).toMatchObject({ 'x-all': 'all', 'x-both': 'transaction' });
    expect(branch.callsOf('/h2')[0]?.headers['x-branch']).toBeUndefined();
  });

  test('the method is as asked, of one branch or of all; GET carries no body', async () => {
    const steps = [
      { action: `${branch.url}/put`, method: 'put' },
      { action: `${branch.url}/get`, method: 'GET' },
      { action: `${branch.url}/patch` },
    ];
    const body = { ...saga('methods', []), steps, payloads: ['{"a":1}', '{"b":2}', ''], branch_method: 'PATCH' };
    expect((await server.post('submit', body)).status).toBe(200);
    expect(branch.callsOf('/put')[0]).toMatchObject({ method: 'PUT', body: '{"a":1}' });
    expect(branch.callsOf('/get')[0]).toMatchObject({ method: 'GET', body: '' });
    expect(branch.callsOf('/patch')[0]).toMatchObject({ method: 'PATCH', body: '' });
  });

  test('a registered branch has headers and a method of its own', async () => {
    await server.post('prepare', prepared('own', 'tcc'));
    const own = { branch_headers: { 'x-branch': 'own' }, method: 'DELETE' };
    await server.post('registerBranch', tccBranch('own', '07', branch.url, own));
    await server.post('submit', prepared('own', 'tcc', { wait_result: true }));
    expect(branch.callsOf('/confirm-07')[0]).toMatchObject({
      method: 'DELETE',
      headers: { 'x-branch': 'own' },
      body: '{"branch":"07"}',
    });
  });
});

describe("the caller's trace", () => {
  function post(path: string, body: object, headers: Record<string, string>): Promise<unknown> {
    return server.send(path, { method: 'POST', body: JSON.stringify(body), headers });
  }

  test('is passed on to branches, and baggage with it', async () => {
    const trace = { traceparent, tracestate: 'vendor=1', baggage: 'user=ann' };
    await post('submit', saga('trace-1', [{ action: `${branch.url}/traced` }]), trace);
    expect(branch.callsOf('/traced')[0]?.headers).toMatchObject(trace);
  });

  test('of a TCC is the one of its prepare; of a workflow too, and by JSON-RPC', async () => {
    await post('prepare', prepared('trace-2', 'tcc'), { traceparent });
    await post('registerBranch', tccBranch('trace-2', '08', branch.url), {
      traceparent: traceparent.replace('b7', 'c8'),
    });
    await post('submit', prepared('trace-2', 'tcc', { wait_result: true }), {});
    expect(branch.callsOf('/confirm-08')[0]?.headers['traceparent']).toBe(traceparent);

    branch.on('/resume-traced', (_call, response) => {
      void server.post('submit', verdict('trace-3', 'succeed')).then(
        () => response.end(),
        () => response.destroy(),
      );
    });
    const params = workflow('trace-3', `${branch.url}/resume-traced`, 'x');
    await post('/api/json-rpc', { jsonrpc: '2.0', id: 1, method: 'prepareWorkflow', params }, { traceparent });
    await server.post('registerBranch', step('trace-3', '01', 'x'));
    await ended(server, 'trace-3');
    expect(branch.callsOf('/resume-traced')[0]?.headers['traceparent']).toBe(traceparent);
  });

  test('gives way to a branch header, and is left out where it is malformed or too long', async () => {
    const own = { branch_headers: { Traceparent: 'mine' } };
    await post('submit', saga('trace-4', [{ action: `${branch.url}/t4` }], own), { traceparent });
    expect(branch.callsOf('/t4')[0]?.headers['traceparent']).toBe('mine');
    const odd = { traceparent: 'nonsense', tracestate: 'v=1', baggage: 'b'.repeat(9_000) };
    await post('submit', saga('trace-5', [{ action: `${branch.url}/t5` }]), odd);
    for (const name of Object.keys(odd)) expect(branch.callsOf('/t5')[0]?.headers[name]).toBeUndefined();
  });

  test('costs those nothing who have none: their transaction is stored as it was asked', async () => {
    await post('submit', saga('trace-6', [{ action: `${branch.url}/t6` }]), {});
    const { transaction } = await viewOf(server, 'trace-6');
    expect(transaction['options']).not.toContain('branch_headers');
  });
});
