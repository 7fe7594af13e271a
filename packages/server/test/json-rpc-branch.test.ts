import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BranchService, type SeenCall } from './branch-service.js';
import { message, prepared, saga, tccBranch } from './requests.js';
import { TestServer } from './test-server.js';
import { ended, viewOf } from './transaction-watch.js';

interface RpcCall {
  readonly jsonrpc: string;
  readonly id: string;
  readonly method: string;
  /** Undefined: what came is no JSON-RPC. */
  readonly params: Readonly<Record<string, unknown>> | undefined;
}

let server: TestServer;
let branch: BranchService;
const called: RpcCall[] = [];

beforeAll(async () => {
  branch = await BranchService.open();
  server = await TestServer.start({ retryIntervalMs: 60_000 });
  branch.on('/rpc', answering({ result: null }));
});

afterAll(async () => {
  await server.close();
  await branch.close();
});

function answering(members: object, status = 200): (call: SeenCall, response: ServerResponse) => void {
  return (call, response) => {
    const asked = JSON.parse(call.body) as RpcCall;
    called.push(asked);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id: asked.id, ...members }));
  };
}

function callsOf(gid: string): readonly RpcCall[] {
  return called.filter(({ params }) => params?.['gid'] === gid);
}

function rpcSaga(gid: string, path: string, more: object = {}): object {
  const steps = [{ action: `${branch.url}${path}?method=in&shop=7`, compensate: `${branch.url}/rpc?method=undo` }];
  return saga(gid, steps, { protocol: 'json-rpc', ...more });
}

describe('what a participant sees', () => {
  test("its method, the payload's members and the transaction's names, by POST to the URL as it is", async () => {
    const payloads = ['{"amount":12345678901234567890, "gid":"mine", "op": 1.0}\n'];
    expect(
      (await server.post('submit', rpcSaga('g 1/&', '/rpc', { payloads, branch_headers: { 'x-a': 'b' } }))).status,
    ).toBe(200);
    const [seen] = branch.callsOf('/rpc').slice(-1);
    expect(seen).toMatchObject({ method: 'POST', rawUrl: '/rpc?method=in&shop=7', headers: { 'x-a': 'b' } });
    expect(seen?.headers['content-type']).toBe('application/json');
    expect(seen?.body).toContain('12345678901234567890');
    expect(callsOf('g 1/&')).toMatchObject([
      {
        jsonrpc: '2.0',
        method: 'in',
        id: expect.stringMatching(/\w/),
        params: { gid: 'g 1/&', trans_type: 'saga', branch_id: '01', op: 'action' },
      },
    ]);
  });

  test('an empty payload is no more than the names', async () => {
    await server.post('submit', rpcSaga('g2', '/rpc', { payloads: [''] }));
    expect(callsOf('g2')[0]?.params).toEqual({ gid: 'g2', trans_type: 'saga', branch_id: '01', op: 'action' });
    await server.post('submit', rpcSaga('g3', '/rpc', { payloads: ['{}'] }));
    expect(Object.keys(callsOf('g3')[0]?.params ?? {})).toHaveLength(4);
  });

  test('one saga has branches by JSON-RPC and by HTTP, as their URLs say', async () => {
    const steps = [{ action: `${branch.url}/rpc?method=in` }, { action: `${branch.url}/plain?way=method` }];
    expect((await server.post('submit', saga('m1', steps, { protocol: 'json-rpc' }))).status).toBe(200);
    expect(callsOf('m1')).toHaveLength(1);
    expect(branch.callsOf('/plain')[0]).toMatchObject({ body: '{"step":2}', query: { way: 'method', gid: 'm1' } });
  });

  test('a method parameter means nothing where the protocol is HTTP', async () => {
    await server.post('submit', saga('m2', [{ action: `${branch.url}/plain-2?method=in` }]));
    expect(branch.callsOf('/plain-2')[0]).toMatchObject({ body: '{"step":1}', query: { method: 'in', gid: 'm2' } });
  });

  test('a TCC is confirmed, a message checked back and delivered, by JSON-RPC', async () => {
    await server.post('prepare', prepared('t1', 'tcc', { protocol: 'json-rpc' }));
    const urls = { confirm: `${branch.url}/rpc?method=confirm`, cancel: `${branch.url}/rpc?method=cancel` };
    await server.post('registerBranch', tccBranch('t1', '01', branch.url, urls));
    expect((await server.post('submit', prepared('t1', 'tcc', { wait_result: true }))).status).toBe(200);
    expect(callsOf('t1')).toMatchObject([{ method: 'confirm', params: { branch: '01', op: 'confirm' } }]);

    const check = { query_prepared: `${branch.url}/rpc?method=check`, protocol: 'json-rpc', timeout_to_fail: 1 };
    await server.post('prepare', message('t2', [`${branch.url}/rpc?method=send`], check));
    expect(await ended(server, 't2')).toMatchObject({ status: 'succeed' });
    expect(callsOf('t2')).toMatchObject([
      { method: 'check', params: { branch_id: '00', op: 'msg' } },
      { method: 'send', params: { branch_id: '01', op: 'action', step: 1 } },
    ]);
  });
});

describe('what its answer means', () => {
  test.each<[string, string, object, number]>([
    ['success', 'a result', { result: { some: 'thing' } }, 200],
    ['success', 'a result of null', { result: null }, 200],
    ['success', "no error and no result, as services with DTM's SDK say it", { error: null }, 200],
    ['success', 'a result, whatever the HTTP status', { result: 1 }, 500],
    ['failure', '-32901', { error: { code: -32901, message: 'no' } }, 200],
    ['failure', '-32901 with another HTTP status', { error: { code: -32901 } }, 500],
    ['failure', 'the older word', { result: { dtm_result: 'FAILURE' } }, 200],
    ['ongoing', '-32902', { error: { code: -32902, message: 'wait' } }, 200],
    ['unknown', 'another code, whatever the text', { error: { code: -32000, message: 'FAILURE' } }, 200],
    ['unknown', 'a code that is text', { error: { code: '-32901', message: 'no' } }, 200],
    ['unknown', 'an error that is no object', { error: 'FAILURE' }, 200],
    ['unknown', 'another id', { id: 'other', result: 1 }, 200],
    ['unknown', 'no id', { id: null, error: { code: -32901, message: 'no' } }, 200],
    ['unknown', 'another version', { jsonrpc: '3.0', result: 1 }, 200],
    ['unknown', 'neither result nor error', {}, 200],
  ])('%s: %s', async (kind, name, members, status) => {
    branch.on('/told', answering(members, status));
    const gid = `answer ${kind} ${name}`;
    const code = { success: 200, failure: 409, ongoing: 425, unknown: 425 }[kind];
    expect((await server.post('submit', rpcSaga(gid, '/told'))).status).toBe(code);
    const { branches } = await viewOf(server, gid);
    const action = branches.find(({ op }) => op === 'action');
    expect(action?.['attempts'] ?? 0).toBe(kind === 'unknown' ? 1 : 0);
    if (kind === 'unknown') expect(action?.['reason']).toMatch(/\w{3}/);
  });

  test.each<[string, (call: SeenCall, response: ServerResponse) => void, RegExp]>([
    ['no JSON', (_call, response) => response.end('<html>'), /no JSON-RPC answer/],
    ['nothing', (_call, response) => response.end(), /no JSON-RPC answer/],
    ['a batch', (_call, response) => response.end('[{"jsonrpc":"2.0","id":"x","result":1}]'), /batch/],
    ['HTTP 409 without a JSON-RPC answer', (_call, response) => response.writeHead(409).end('FAILURE'), /409/],
    ['a redirect', (_call, response) => response.writeHead(302, { location: '/x' }).end(), /redirect/],
    ['a dropped connection', (_call, response) => response.destroy(), /closed|reset/],
  ])('%s is unclear and says why', async (name, behaviour, reason) => {
    branch.on('/odd', behaviour);
    expect((await server.post('submit', rpcSaga(`odd ${name}`, '/odd'))).status).toBe(425);
    const { branches } = await viewOf(server, `odd ${name}`);
    const action = branches.find(({ op }) => op === 'action');
    expect(action).toMatchObject({ status: 'prepared', attempts: 1, reason: expect.stringMatching(reason) });
  });

  test('no answer in time is unclear and says so', async () => {
    branch.on('/silent', () => undefined);
    const impatient = await TestServer.start({ retryIntervalMs: 60_000, requestTimeoutMs: 200 });
    expect((await impatient.post('submit', rpcSaga('silent', '/silent'))).status).toBe(425);
    const { branches } = await viewOf(impatient, 'silent');
    const action = branches.find(({ op }) => op === 'action');
    expect(action).toMatchObject({ status: 'prepared', attempts: 1, reason: expect.stringContaining('within 200 ms') });
    await impatient.close();
  });
});

test.each(['[1]', '"text"', '7', 'null', '{', 'no JSON'])('the payload %j is refused at the door', async (payload) => {
  const answer = await server.post('submit', rpcSaga('bad', '/rpc', { payloads: [payload] }));
  expect(answer).toMatchObject({ status: 400, json: { code: 'INVALID_REQUEST' } });
  expect(answer.json['message']).toContain('payloads[0]');
  await server.post('prepare', prepared('bad-tcc', 'tcc', { protocol: 'json-rpc' }));
  const url = { confirm: `${branch.url}/rpc?method=confirm`, data: payload };
  expect(await server.post('registerBranch', tccBranch('bad-tcc', '01', branch.url, url))).toMatchObject({
    status: 400,
  });
  expect((await viewOf(server, 'bad-tcc')).branches).toEqual([]);
});

test('a payload that a subscriber cannot be called with by JSON-RPC is refused at the door', async () => {
  await server.post('subscribe', { topic: 'orders', url: `${branch.url}/plain` });
  await server.post('subscribe', { topic: 'orders', url: `${branch.url}/rpc?method=order` });
  const sent = (gid: string, payload: string, more: object = {}) =>
    server.post('submit', message(gid, ['topic://orders'], { payloads: [payload], wait_result: true, ...more }));
  const refused = await sent('topic-1', '[1]', { protocol: 'json-rpc' });
  expect(refused).toMatchObject({ status: 400, json: { code: 'INVALID_REQUEST' } });
  expect(await sent('topic-2', '[1]')).toMatchObject({ status: 200 });
  expect(await sent('topic-3', '{"a":1}', { protocol: 'json-rpc' })).toMatchObject({ status: 200 });
  expect(callsOf('topic-3')).toMatchObject([{ method: 'order', params: { a: 1, branch_id: '01-02' } }]);
});
