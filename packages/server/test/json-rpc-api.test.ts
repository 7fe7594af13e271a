import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BranchService } from './branch-service.js';
import { prepared, saga, step, tccBranch, verdict, workflow } from './requests.js';
import { TestServer, type Answer } from './test-server.js';
import { pathsOf, viewOf } from './transaction-watch.js';

let server: TestServer;
let branch: BranchService;

beforeAll(async () => {
  branch = await BranchService.open();
  server = await TestServer.start({ retryIntervalMs: 60_000, requestBytesMax: 100_000 });
});

afterAll(async () => {
  await server.close();
  await branch.close();
});

function rpc(body: unknown): Promise<Answer> {
  return server.post('/api/json-rpc', body);
}

function call(method: string, params?: unknown, id: unknown = 'no-use'): object {
  return { jsonrpc: '2.0', id, method, params };
}

async function errorOf(body: unknown): Promise<unknown> {
  const { status, json } = await rpc(body);
  expect(status).toBe(200);
  expect(json['result']).toBeUndefined();
  return json['error'];
}

describe('the form', () => {
  test.each([['text'], [''], [7], [0], [-1.5], [null], ['ü 漢']])('the id %j comes back as it was', async (id) => {
    const { status, json } = await rpc(call('newGid', {}, id));
    expect(status).toBe(200);
    expect(json).toEqual({ jsonrpc: '2.0', id, result: { dtm_result: 'SUCCESS', gid: expect.any(String) } });
  });

  test.each([[true], [[]], [{}], ['2e53']])(
    'what is no id (%j), or none that comes back exactly, is refused',
    async (id) => {
      const text = id === '2e53' ? '{"jsonrpc":"2.0","method":"newGid","id":9007199254740993}' : call('newGid', {}, id);
      expect((await rpc(text)).json).toMatchObject({ id: null, error: { code: -32600 } });
    },
  );

  test('a notification does its work and is answered with nothing', async () => {
    const { status, text, headers } = await rpc({ jsonrpc: '2.0', method: 'prepare', params: prepared('n1', 'tcc') });
    expect({ status, text, length: headers.get('content-length') }).toEqual({ status: 204, text: '', length: null });
    expect((await viewOf(server, 'n1')).transaction).toMatchObject({ status: 'prepared' });
    expect((await rpc({ jsonrpc: '2.0', method: 'nothing such' })).status).toBe(204);
    expect((await rpc({ jsonrpc: '2.0', method: 'prepare', params: {} })).status).toBe(204);
  });

  test.each<[string, number, unknown]>([
    ['no JSON', -32700, '{"jsonrpc":"2.0",'],
    ['nothing', -32700, ''],
    ['an empty batch', -32600, []],
    ['a text', -32600, '"text"'],
    ['no version', -32600, { id: 1, method: 'newGid' }],
    ['another version', -32600, { jsonrpc: '1.0', id: 1, method: 'newGid' }],
    ['no method', -32600, { jsonrpc: '2.0', id: 1 }],
    ['a method that is no text', -32600, { jsonrpc: '2.0', id: 1, method: 7 }],
    ['params that are a text', -32600, call('newGid', 'text')],
    ['params by position', -32602, call('prepare', [prepared('p', 'tcc')])],
    ['a method that does not exist', -32601, call('nothing')],
    ["an object's own name as method", -32601, call('constructor')],
    ['a request that nobody can read', -32602, call('prepare', {})],
    ['a gid that is none', -32602, call('prepare', prepared('', 'tcc'))],
    ['a type that nobody knows', -32602, call('submit', { gid: 'x', trans_type: 'other' })],
    ['an unknown gid', -32901, call('registerBranch', tccBranch('nobody', '01', 'http://127.0.0.1:9'))],
    ['an abort of nothing', -32901, call('abort', prepared('nobody', 'tcc'))],
  ])('%s is %i', async (_name, code, body) => {
    expect(await errorOf(body)).toMatchObject({
      code,
      message: expect.any(String),
      data: { code: expect.any(String) },
    });
  });

  test('a batch is worked through in its order, and answered but for its notifications', async () => {
    const { status, text } = await rpc([
      call('prepare', prepared('b1', 'tcc'), 1),
      call('registerBranch', tccBranch('b1', '01', branch.url), 2),
      { jsonrpc: '2.0', method: 'registerBranch', params: tccBranch('b1', '02', branch.url) },
      7,
      call('nothing', {}, 3),
      call('submit', prepared('b1', 'tcc', { wait_result: true }), 4),
    ]);
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject([
      { id: 1, result: { dtm_result: 'SUCCESS' } },
      { id: 2, result: {} },
      { id: null, error: { code: -32600 } },
      { id: 3, error: { code: -32601 } },
      { id: 4, result: { dtm_result: 'SUCCESS' } },
    ]);
    expect(pathsOf(branch, 'b1')).toEqual(['/confirm-02', '/confirm-01']);
  });

  test('a batch of notifications is answered with nothing, one that is too long is refused whole', async () => {
    expect((await rpc([{ jsonrpc: '2.0', method: 'newGid' }])).status).toBe(204);
    const many = Array.from({ length: 1_001 }, (_, id) => call('newGid', undefined, id));
    expect(await errorOf(many)).toMatchObject({ code: -32600, data: { code: 'LIMIT_EXCEEDED' } });
  });

  test('a batch whose answers grow too large is carried out no further', async () => {
    const large = await TestServer.start();
    const url = 'http://127.0.0.1:1/never';
    const params = { gid: 'm1', trans_type: 'msg', query_prepared: url, steps: [{ action: url }] };
    await large.post('prepare', { ...params, payloads: ['x'.repeat(4_000_000)] });
    const queries = Array.from({ length: 20 }, (_, id) => call('query', { gid: 'm1' }, id));
    const { status, text } = await large.post('/api/json-rpc', [
      ...queries,
      call('prepare', prepared('late', 'tcc'), 'last'),
    ]);
    expect(status).toBe(200);
    expect(text.length).toBeLessThan(50_000_000);
    const answers = JSON.parse(text) as readonly unknown[];
    expect(answers).toHaveLength(21);
    expect(answers[0]).toMatchObject({ id: 0, result: { transaction: { gid: 'm1' } } });
    expect(answers[20]).toMatchObject({ id: 'last', error: { code: -32600, data: { code: 'LIMIT_EXCEEDED' } } });
    expect((await viewOf(large, 'late')).transaction).toBeNull();
    await large.close();
  });

  test('a body beyond the limit of HTTP is refused before it is read', async () => {
    const { status, json } = await rpc(call('prepare', { gid: 'x'.repeat(200_000) }));
    expect(status).toBe(413);
    expect(json).toMatchObject({ id: null, error: { code: -32600, data: { code: 'LIMIT_EXCEEDED' } } });
  });
});

describe('the verbs', () => {
  test('a saga that succeeds, one that fails and one that still runs are told apart', async () => {
    branch.answer('/refused', 409, 'no money').answer('/broken', 500);
    const submit = (gid: string, path: string) => rpc(call('submit', saga(gid, [{ action: branch.url + path }])));
    expect((await submit('s1', '/fine')).json).toMatchObject({ result: { dtm_result: 'SUCCESS' } });
    expect((await submit('s2', '/refused')).json).toMatchObject({
      error: { code: -32901, message: expect.stringContaining('no money'), data: { code: 'TRANSACTION_FAILED' } },
    });
    expect((await submit('s3', '/broken')).json).toMatchObject({
      error: { code: -32902, data: { code: 'TRANSACTION_ONGOING' } },
    });
    expect((await submit('s1', '/other')).json).toMatchObject({
      error: { code: -32901, data: { code: 'CONFLICTING_REPEAT', dtm_result: 'FAILURE' } },
    });
  });

  test('a workflow is prepared, records its steps and ends', async () => {
    const prepare = call('prepareWorkflow', workflow('w1', 'http://127.0.0.1:9/run', 'x'));
    expect((await rpc(prepare)).json).toMatchObject({
      result: { transaction: { status: 'prepared' }, progresses: [] },
    });
    await rpc(call('registerBranch', step('w1', '01', 'done')));
    expect((await rpc(prepare)).json).toMatchObject({ result: { progresses: [{ bin_data: btoa('done') }] } });
    expect((await rpc(call('submit', verdict('w1', 'succeed')))).json).toMatchObject({ result: {} });
    expect((await rpc(call('registerBranch', step('w1', '02', 'late')))).json).toMatchObject({
      error: { code: -32902, data: { code: 'ALREADY_FINISHED' } },
    });
  });

  test('query, the acts of an operator and topics', async () => {
    await rpc(call('prepare', prepared('o1', 'tcc')));
    expect((await rpc(call('pause', { gid: 'o1', reason: 'look' }))).json).toMatchObject({ result: {} });
    expect((await rpc(call('query', { gid: 'o1' }))).json).toMatchObject({
      result: { transaction: { is_paused: true, pause_reason: 'look' }, branches: [] },
    });
    for (const method of ['resume', 'retryNow', 'forceStop']) {
      expect((await rpc(call(method, { gid: 'o1' }))).json).toMatchObject({ result: { dtm_result: 'SUCCESS' } });
    }
    const topic = { topic: 'orders', url: `${branch.url}/order` };
    expect((await rpc(call('subscribe', topic))).json).toMatchObject({ result: {} });
    expect((await rpc(call('subscribe', topic))).json).toMatchObject({ error: { code: -32901 } });
    expect((await rpc(call('unsubscribe', topic))).json).toMatchObject({ result: {} });
    expect((await rpc(call('subscribe', { topic: 'orders' }))).json).toMatchObject({ error: { code: -32602 } });
    await rpc(call('subscribe', topic));
    expect((await rpc(call('deleteTopic', { topic: 'orders' }))).json).toMatchObject({ result: {} });
  });
});
