import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BranchService } from './branch-service.js';
import { prepared, tccBranch, xaBranch } from './requests.js';
import { TestServer } from './test-server.js';
import { ended, pathsOf, viewOf } from './transaction-watch.js';

const success = { dtm_result: 'SUCCESS' };
let server: TestServer;
let branch: BranchService;

beforeAll(async () => {
  branch = await BranchService.open();
  server = await TestServer.start({ retryIntervalMs: 50, retryIntervalMaxMs: 100 });
});

afterAll(async () => {
  await server.close();
  await branch.close();
});

async function open(gid: string, branches: readonly string[], more: object = {}): Promise<void> {
  expect(await server.post('prepare', prepared(gid, 'tcc', more))).toMatchObject({ status: 200, json: success });
  for (const id of branches) {
    expect(await server.post('registerBranch', tccBranch(gid, id, branch.url))).toMatchObject({ json: success });
  }
}

describe('TCC', () => {
  test('submit confirms what was registered, backwards, with its payload, and answers with the outcome', async () => {
    await open('c1', ['01', '02']);
    const waiting = prepared('c1', 'tcc', { wait_result: true });
    expect(await server.post('submit', waiting)).toMatchObject({ status: 200, json: success });
    expect(pathsOf(branch, 'c1')).toEqual(['/confirm-02', '/confirm-01']);
    expect(branch.callsOf('/confirm-02')[0]).toMatchObject({
      method: 'POST',
      body: '{"branch":"02"}',
      query: { gid: 'c1', trans_type: 'tcc', branch_id: '02', op: 'confirm' },
    });
    const { transaction, branches } = await viewOf(server, 'c1');
    expect(transaction).toMatchObject({ status: 'succeed', trans_type: 'tcc', finish_time: expect.any(String) });
    expect(branches).toMatchObject([
      { branch_id: '01', op: 'cancel', status: 'prepared', url: `${branch.url}/cancel-01` },
      { branch_id: '01', op: 'confirm', status: 'succeed', bin_data: btoa('{"branch":"01"}') },
      { branch_id: '02', op: 'cancel', status: 'prepared' },
      { branch_id: '02', op: 'confirm', status: 'succeed' },
    ]);
  });

  test('abort cancels, keeps the reason, and with wait_result answers when all is undone', async () => {
    await open('c2', ['01', '02']);
    const body = prepared('c2', 'tcc', { wait_result: true, rollback_reason: 'no stock' });
    expect(await server.post('abort', body)).toMatchObject({ status: 200, json: success });
    expect(pathsOf(branch, 'c2')).toEqual(['/cancel-02', '/cancel-01']);
    expect((await viewOf(server, 'c2')).transaction).toMatchObject({ status: 'failed', rollback_reason: 'no stock' });
  });

  test('what is decided by nobody is cancelled after timeout_to_fail', async () => {
    await open('c3', ['01'], { timeout_to_fail: 2 });
    expect(await ended(server, 'c3')).toMatchObject({
      status: 'failed',
      rollback_reason: expect.stringContaining('2'),
    });
    expect(pathsOf(branch, 'c3')).toEqual(['/cancel-01']);
  });

  test('one decision: neither a late abort nor a late submit changes it', async () => {
    await open('c4', ['01']);
    await server.post('submit', prepared('c4', 'tcc', { wait_result: true }));
    expect((await server.post('abort', prepared('c4', 'tcc'))).json).toMatchObject({ code: 'WRONG_STATUS' });
    await open('c5', ['01']);
    await server.post('abort', prepared('c5', 'tcc', { wait_result: true }));
    const late = await server.post('submit', prepared('c5', 'tcc', { wait_result: true }));
    expect(late).toMatchObject({ status: 409, json: { dtm_result: 'FAILURE', code: 'WRONG_STATUS' } });
    expect(pathsOf(branch, 'c4').concat(pathsOf(branch, 'c5'))).toEqual(['/confirm-01', '/cancel-01']);
  });

  test('a branch that comes after the decision is refused with 409; the same again before it is a repeat', async () => {
    await open('c6', ['01', '01']);
    const other = await server.post('registerBranch', tccBranch('c6', '01', branch.url, { data: '{}' }));
    expect(other).toMatchObject({ status: 409, json: { code: 'CONFLICTING_REPEAT', dtm_result: 'FAILURE' } });
    await server.post('submit', prepared('c6', 'tcc', { wait_result: true }));
    const late = await server.post('registerBranch', tccBranch('c6', '02', branch.url));
    expect(late).toMatchObject({ status: 409, json: { dtm_result: 'FAILURE', code: 'WRONG_STATUS' } });
    expect(pathsOf(branch, 'c6')).toEqual(['/confirm-01']);
  });

  test('nested branches are confirmed before the one that they are nested in', async () => {
    await open('c7', ['01', '0101', '02']);
    await server.post('submit', prepared('c7', 'tcc', { wait_result: true }));
    expect(pathsOf(branch, 'c7')).toEqual(['/confirm-02', '/confirm-0101', '/confirm-01']);
  });

  test('a branch that is down does not keep the others from being confirmed; the caller is told 425', async () => {
    branch.answer('/confirm-09', 500, 'out of order');
    await open('c8', ['01', '02', '09']);
    const waiting = prepared('c8', 'tcc', { wait_result: true, request_timeout: 1 });
    expect(await server.post('submit', waiting)).toMatchObject({ status: 425, json: { dtm_result: 'ONGOING' } });
    await branch.called('/confirm-09', 3);
    expect(pathsOf(branch, 'c8').filter((path) => path !== '/confirm-09')).toEqual(['/confirm-02', '/confirm-01']);
    branch.answer('/confirm-09', 200);
    expect(await ended(server, 'c8')).toMatchObject({ status: 'succeed' });
  });

  test('a refused confirm is called again: it can only go on', async () => {
    branch.answer('/confirm-08', 409, 'no');
    await open('c9', ['08']);
    await server.post('submit', prepared('c9', 'tcc'));
    await branch.called('/confirm-08', 2);
    expect((await viewOf(server, 'c9')).branches[1]).toMatchObject({ status: 'prepared', reason: 'no' });
    branch.answer('/confirm-08', 200);
    expect(await ended(server, 'c9')).toMatchObject({ status: 'succeed' });
  });

  test.each<[string, string, (response: { destroy(): void }) => void]>([
    ['hangs', '05', () => undefined],
    ['drops the connection after its work', '06', (response) => response.destroy()],
  ])('a participant that %s is called again, and the end is one', async (_name, id, behave) => {
    const path = `/confirm-${id}`;
    branch.on(path, (_call, response) => {
      if (branch.callsOf(path).length === 1) behave(response);
      else response.end('{"dtm_result":"SUCCESS"}');
    });
    await open(`c10-${id}`, ['01', id], { request_timeout: 2 });
    await server.post('submit', prepared(`c10-${id}`, 'tcc'));
    expect(await ended(server, `c10-${id}`)).toMatchObject({ status: 'succeed' });
    expect(branch.callsOf(path)).toHaveLength(2);
    expect(pathsOf(branch, `c10-${id}`).filter((called) => called === '/confirm-01')).toHaveLength(1);
  });

  test('an empty URL counts as a call that succeeded', async () => {
    await open('c11', []);
    await server.post('registerBranch', tccBranch('c11', '01', branch.url, { confirm: '', cancel: null }));
    expect((await server.post('submit', prepared('c11', 'tcc', { wait_result: true }))).status).toBe(200);
    expect(pathsOf(branch, 'c11')).toEqual([]);
  });

  test("the Node SDK's older endpoint takes a branch without a type, and with members that nobody knows", async () => {
    await open('c12', []);
    const body = tccBranch('c12', '01', branch.url, { trans_type: undefined, try: 'http://x/try' });
    expect((await server.post('registerTccBranch', body)).json).toEqual(success);
    expect((await server.post('submit', prepared('c12', 'tcc', { wait_result: true }))).status).toBe(200);
    expect(pathsOf(branch, 'c12')).toEqual(['/confirm-01']);
  });

  test('a body as the Python SDK sends it, with nulls and its own members, is understood', async () => {
    const nulls = { custom_data: null, query_prepared: null, protocol: null, steps: null, payloads: null, dtm: 'x' };
    await open('c13', ['01'], { ...nulls, request_timeout: 8, retry_interval: null, branch_headers: null });
    const body = prepared('c13', 'tcc', { ...nulls, wait_result: true, request_timeout: 8, timeout_to_fail: 0 });
    expect((await server.post('submit', body)).json).toEqual(success);
  });
});

describe('XA', () => {
  async function openXa(gid: string, branches: readonly string[]): Promise<void> {
    expect((await server.post('prepare', prepared(gid, 'xa'))).json).toEqual(success);
    for (const id of branches) {
      expect((await server.post('registerXaBranch', xaBranch(gid, id, branch.url))).json).toEqual(success);
    }
  }

  test('submit commits in the order of registration, by POST without a body', async () => {
    await openXa('x1', ['01', '02']);
    expect((await server.post('submit', prepared('x1', 'xa', { wait_result: true }))).status).toBe(200);
    expect(pathsOf(branch, 'x1')).toEqual(['/xa-01', '/xa-02']);
    expect(branch.callsOf('/xa-01')[0]).toMatchObject({
      method: 'POST',
      body: '',
      headers: { 'content-length': '0' },
      query: { gid: 'x1', trans_type: 'xa', branch_id: '01', op: 'commit' },
    });
  });

  test('abort rolls back by the same URL, and a late registration is refused', async () => {
    await openXa('x2', ['01']);
    expect((await server.post('abort', prepared('x2', 'xa', { wait_result: true }))).status).toBe(200);
    expect(branch.calls.filter(({ query }) => query['gid'] === 'x2').map(({ query }) => query['op'])).toEqual([
      'rollback',
    ]);
    expect((await server.post('registerBranch', xaBranch('x2', '02', branch.url))).status).toBe(409);
    expect((await viewOf(server, 'x2')).branches).toMatchObject([
      { op: 'rollback', status: 'succeed' },
      { op: 'commit', status: 'prepared' },
    ]);
  });

  test('after the time limit it is rolled back', async () => {
    await server.post('prepare', prepared('x3', 'xa', { timeout_to_fail: 1 }));
    await server.post('registerBranch', xaBranch('x3', '01', branch.url));
    expect(await ended(server, 'x3')).toMatchObject({ status: 'failed' });
  });
});

describe('bad input', () => {
  test.each<[string, number, object]>([
    ['an unknown gid', 404, tccBranch('nobody', '01', 'http://127.0.0.1:9')],
    ['no branch id', 400, tccBranch('b1', '', 'http://127.0.0.1:9')],
    ["the transaction's own branch id", 400, tccBranch('b1', '00', 'http://127.0.0.1:9')],
    ['a blank in the branch id', 400, tccBranch('b1', '0 1', 'http://127.0.0.1:9')],
    ['a confirm that is no URL', 400, tccBranch('b1', '01', 'http://127.0.0.1:9', { confirm: 'ftp://x/y' })],
    ['a confirm that is no text', 400, tccBranch('b1', '01', 'http://127.0.0.1:9', { confirm: 7 })],
    ['data that is no text', 400, tccBranch('b1', '01', 'http://127.0.0.1:9', { data: {} })],
    ['another type', 400, { ...xaBranch('b1', '01', 'http://127.0.0.1:9') }],
    ['a type that has no registrations', 400, { ...tccBranch('b1', '01', 'http://x/'), trans_type: 'saga' }],
    ['a type that nobody knows', 400, { ...tccBranch('b1', '01', 'http://x/'), trans_type: 'other' }],
    ['a list', 400, []],
    ['an XA without URL', 400, { gid: 'b1', trans_type: 'xa', branch_id: '01' }],
  ])('%s is refused', async (_name, status, body) => {
    await server.post('prepare', prepared('b1', 'tcc'));
    const answer = await server.post('registerBranch', body);
    expect(answer.status).toBe(status);
    expect(answer.json).toMatchObject({ dtm_result: 'FAILURE', message: expect.any(String) });
    expect((await viewOf(server, 'b1')).branches).toEqual([]);
  });

  test('submit of an unknown TCC is refused, as an abort is', async () => {
    expect((await server.post('submit', prepared('nobody', 'tcc'))).json).toMatchObject({ code: 'NOT_FOUND' });
    expect((await server.post('abort', prepared('nobody', 'tcc'))).json).toMatchObject({ code: 'NOT_FOUND' });
    expect((await server.post('abort', prepared('nobody', 'tcc', { wait_result: 'yes' }))).status).toBe(400);
  });

  test('GET and HEAD of what changes something are refused', async () => {
    for (const path of [
      'registerBranch',
      'registerTccBranch',
      'registerXaBranch',
      'prepareWorkflow',
      '/api/json-rpc',
    ]) {
      for (const method of ['GET', 'HEAD']) {
        expect((await server.send(`${path}?gid=b1&trans_type=tcc&branch_id=09`, { method })).status).toBe(405);
      }
    }
    expect((await viewOf(server, 'b1')).branches).toEqual([]);
  });
});
