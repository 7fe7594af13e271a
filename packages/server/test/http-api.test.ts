import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BranchService } from './branch-service.js';
import { message, saga } from './requests.js';
import { TestServer } from './test-server.js';

const success = { dtm_result: 'SUCCESS' };
let server: TestServer;
let branch: BranchService;

beforeAll(async () => {
  branch = await BranchService.open();
  server = await TestServer.start({ retryIntervalMs: 60_000 });
});

afterAll(async () => {
  await server.close();
  await branch.close();
});

async function transactionOf(gid: string): Promise<Record<string, unknown>> {
  return (await server.get(`query?gid=${gid}`)).json['transaction'] as Record<string, unknown>;
}

describe("DTM's answers", () => {
  test('newGid gives text alone', async () => {
    const { status, json } = await server.get('newGid');
    expect(status).toBe(200);
    expect(json).toEqual({ ...success, gid: expect.stringMatching(/^\w{16,}$/) });
    expect((await server.get('newGid')).json['gid']).not.toBe(json['gid']);
  });

  test('version, ping, health and readiness', async () => {
    expect((await server.get('version')).json).toEqual({ version: '0.1.0' });
    expect((await server.get('/api/ping')).json).toEqual({ msg: 'pong' });
    expect((await server.get('/api/health')).json).toEqual({ status: 'up' });
    expect((await server.get('/api/ready')).json).toEqual({ status: 'ready' });
  });

  test('a saga that succeeds is 200, and a query shows it as DTM does', async () => {
    const steps = [1, 2].map((index) => ({ action: `${branch.url}/a${index}`, compensate: `${branch.url}/c${index}` }));
    expect(await server.post('submit', saga('s1', steps))).toMatchObject({ status: 200, json: success });
    const { json } = await server.get('query?gid=s1');
    expect(json['transaction']).toMatchObject({ gid: 's1', trans_type: 'saga', status: 'succeed', protocol: 'http' });
    expect(json['branches']).toMatchObject([
      { branch_id: '01', op: 'compensate', status: 'prepared', url: `${branch.url}/c1` },
      { branch_id: '01', op: 'action', status: 'succeed', bin_data: btoa('{"step":1}') },
      { branch_id: '02', op: 'compensate', status: 'prepared' },
      { branch_id: '02', op: 'action', status: 'succeed' },
    ]);
  });

  test('a saga that is refused is 409 with FAILURE and the reason, and is compensated backwards, the refused step included', async () => {
    branch.answer('/refused', 409, 'not enough money');
    const steps = [
      { action: `${branch.url}/first`, compensate: `${branch.url}/undo-first` },
      { action: `${branch.url}/refused`, compensate: `${branch.url}/undo-refused` },
    ];
    const { status, json } = await server.post('submit', saga('s2', steps));
    expect(status).toBe(409);
    expect(json).toMatchObject({ dtm_result: 'FAILURE', message: expect.stringContaining('not enough money') });
    const paths = branch.calls.filter(({ query }) => query['gid'] === 's2').map(({ path }) => path);
    expect(paths).toEqual(['/first', '/refused', '/undo-refused', '/undo-first']);
    expect(await transactionOf('s2')).toMatchObject({ status: 'failed', rollback_reason: expect.any(String) });
  });

  test('a saga that still runs is 425 with ONGOING, at once where the next try lies beyond the wait', async () => {
    branch.answer('/broken', 500);
    const { status, json } = await server.post('submit', saga('s3', [{ action: `${branch.url}/broken` }]));
    expect(status).toBe(425);
    expect(json).toMatchObject({ dtm_result: 'ONGOING', message: expect.any(String) });
    expect(await transactionOf('s3')).toMatchObject({ status: 'submitted' });
  });

  test("the wait ends before the request's own timeout", async () => {
    let isGivenUp = false;
    branch.on('/hangs', (_call, response) => response.once('close', () => (isGivenUp = true)));
    const body = saga('s4', [{ action: `${branch.url}/hangs` }], { request_timeout: 5 });
    expect((await server.post('submit', body)).status).toBe(425);
    // The call of the branch has the same timeout.
    expect(isGivenUp).toBe(false);
  });

  test('without wait_result a submit is answered when it is durable', async () => {
    let release: (() => void) | undefined;
    branch.on('/held', (_call, response) => (release = () => response.end('{}')));
    const body = saga('s5', [{ action: `${branch.url}/held` }], { wait_result: false });
    expect(await server.post('submit', body)).toMatchObject({ status: 200, json: success });
    await branch.called('/held');
    expect(await transactionOf('s5')).toMatchObject({ status: 'submitted' });
    release?.();
  });

  test('a message is prepared, checked back and delivered', async () => {
    let release: (() => void) | undefined;
    branch.on('/check-held', (_call, response) => (release = () => response.end('{}')));
    const body = message('m1', [`${branch.url}/deliver`], {
      query_prepared: `${branch.url}/check-held`,
      timeout_to_fail_ms: 20,
    });
    expect((await server.post('prepare', body)).json).toEqual(success);
    await branch.called('/check-held');
    expect(await transactionOf('m1')).toMatchObject({ status: 'prepared', query_prepared: `${branch.url}/check-held` });
    release?.();
    await branch.called('/deliver');
    expect(branch.callsOf('/check-held')[0]).toMatchObject({ method: 'GET', query: { branch_id: '00', op: 'msg' } });
  });

  test('a prepared message is aborted, once for all', async () => {
    const body = message('m2', [`${branch.url}/never`], { query_prepared: `${branch.url}/check` });
    await server.post('prepare', body);
    expect((await server.post('abort', { gid: 'm2', trans_type: 'msg' })).json).toEqual(success);
    expect((await server.post('abort', { gid: 'm2', trans_type: 'msg' })).status).toBe(200);
    expect(await transactionOf('m2')).toMatchObject({ status: 'failed' });
    expect((await server.post('submit', body)).json).toMatchObject({ dtm_result: 'FAILURE', code: 'WRONG_STATUS' });
    expect(branch.callsOf('/never')).toEqual([]);
  });

  test('a running saga cannot be aborted', async () => {
    const { status, json } = await server.post('abort', { gid: 's3', trans_type: 'saga' });
    expect(status).toBe(409);
    expect(json).toMatchObject({ dtm_result: 'FAILURE', code: 'WRONG_STATUS' });
  });
});

describe('what SDKs send', () => {
  test('a pretty-printed body with a member twice, null and 0 for absent ones', async () => {
    const body = `{
      "gid": "sdk1", "trans_type": "msg", "subType": "x", "subType": "x",
      "steps": [ { "action": "${branch.url}/sdk" } ],
      "payloads": [ "{\\"ü\\":1}" ],
      "custom_data": null, "query_prepared": null, "protocol": null, "retry_interval": 0, "timeout_to_fail": null,
      "request_timeout": 8, "wait_result": true, "branch_headers": null
    }`;
    expect((await server.post('submit', body)).json).toEqual(success);
    expect(branch.callsOf('/sdk')[0]?.body).toBe('{"ü":1}');
  });

  test('a GET with a content type', async () => {
    const headers = { 'content-type': 'application/json' };
    expect((await server.send('newGid', { headers })).status).toBe(200);
  });

  test('a body without a content type', async () => {
    const body = JSON.stringify(saga('sdk2', [{ action: `${branch.url}/sdk` }]));
    expect((await server.send('submit', { method: 'POST', body: new Blob([body]) })).json).toEqual(success);
  });
});

describe("an operator's acts", () => {
  test('pause holds a transaction, resume and retry go on with it', async () => {
    branch.answer('/later', 500);
    await server.post('submit', saga('op1', [{ action: `${branch.url}/later` }]));
    expect((await server.post('pause', { gid: 'op1', reason: 'looking' })).json).toEqual(success);
    expect(await transactionOf('op1')).toMatchObject({ is_paused: true, pause_reason: 'looking' });
    branch.answer('/later', 200);
    expect((await server.post('resume', { gid: 'op1' })).json).toEqual(success);
    await server.post('retryNow', { gid: 'op1' });
    expect(await server.post('submit', saga('op1', [{ action: `${branch.url}/later` }]))).toMatchObject({
      status: 200,
    });
    expect(await transactionOf('op1')).toMatchObject({ status: 'succeed', is_paused: false });
  });

  test('forceStop ends a transaction without compensating, and says so', async () => {
    const body = saga('op2', [{ action: `${branch.url}/broken`, compensate: `${branch.url}/undo-op2` }]);
    await server.post('submit', body);
    expect((await server.post('forceStop', { gid: 'op2', reason: 'by hand' })).json).toEqual(success);
    expect(await transactionOf('op2')).toMatchObject({ status: 'failed', is_forced: true });
    expect(branch.callsOf('/undo-op2')).toEqual([]);
    expect((await server.post('submit', body)).status).toBe(409);
  });

  test('resetCronTime wakes what waits for long', async () => {
    branch.answer('/outage', 503);
    const body = saga('op3', [{ action: `${branch.url}/outage` }]);
    expect((await server.post('submit', body)).status).toBe(425);
    branch.answer('/outage', 200);
    const { json } = await server.post('resetCronTime?timeout=1&limit=1000', {});
    expect(json).toMatchObject({ has_remaining: false });
    expect(json['succeed_count']).toBeGreaterThanOrEqual(1);
    await branch.called('/outage', 2);
  });

  test('all lists by filter, a page at a time', async () => {
    const gids = async (query: string): Promise<unknown[]> => {
      const { json } = await server.get(`all?${query}`);
      return (json['transactions'] as Record<string, unknown>[]).map(({ gid }) => gid);
    };
    for (const gid of ['list-1', 'list-2', 'list-3']) await server.post('submit', saga(gid, [{ action: '' }]));
    expect(await gids('gidPrefix=list-')).toHaveLength(3);
    expect(await gids('gidPrefix=list-&status=failed')).toEqual([]);
    expect(await gids('gidPrefix=list-&finished=true&transType=saga')).toHaveLength(3);
    expect(await gids('gidPrefix=list-&finished=false')).toEqual([]);
    expect(await gids('gid=list-2')).toEqual(['list-2']);
    expect(await gids('gid=nobody')).toEqual([]);
    expect(await gids(`createTimeEnd=${Date.now() - 3_600_000}`)).toEqual([]);
    expect((await gids('limit=-1')).length).toBeGreaterThan(5);

    const seen: unknown[] = [];
    let position = '';
    do {
      const { json } = await server.get(`all?gidPrefix=list-&limit=1&position=${encodeURIComponent(position)}`);
      seen.push(...(json['transactions'] as Record<string, unknown>[]).map(({ gid }) => gid));
      position = json['next_position'] as string;
    } while (position !== '');
    expect(seen.toSorted()).toEqual(['list-1', 'list-2', 'list-3']);
  });
});

describe('topics', () => {
  test('are subscribed to, listed, used and deleted', async () => {
    const [one, two] = [`${branch.url}/sub-1`, `${branch.url}/sub-2`];
    expect((await server.get(`subscribe?topic=t1&url=${encodeURIComponent(one)}&remark=first`)).json).toEqual(success);
    expect((await server.post('subscribe', { topic: 't1', url: two, remark: '' })).json).toEqual(success);
    expect((await server.get(`subscribe?topic=t1&url=${encodeURIComponent(one)}`)).json).toMatchObject({
      code: 'ALREADY_EXISTS',
    });

    const listed = (await server.get('scanKV?cat=topics')).json['kv'] as Record<string, unknown>[];
    expect(listed).toMatchObject([{ cat: 'topics', k: 't1', version: 2 }]);
    expect(JSON.parse(listed[0]?.['v'] as string)).toEqual([
      { url: one, remark: 'first' },
      { url: two, remark: '' },
    ]);
    expect((await server.get('queryKV?cat=topics&key=t1')).json['kv']).toEqual(listed);
    expect((await server.get('queryKV?cat=topics&key=none')).json).toEqual({ kv: [] });

    await server.post('submit', message('topic-1', ['topic://t1'], { wait_result: true }));
    expect(branch.callsOf('/sub-1')[0]?.query['branch_id']).toBe('01-01');
    expect(branch.callsOf('/sub-2')[0]?.query['branch_id']).toBe('01-02');

    expect((await server.get(`unsubscribe?topic=t1&url=${encodeURIComponent(one)}`)).json).toEqual(success);
    expect((await server.send('topic/t1', { method: 'DELETE' })).json).toEqual(success);
    expect((await server.send('topic/t1', { method: 'DELETE' })).json).toMatchObject({ code: 'TOPIC_NOT_FOUND' });
  });

  test('may have any name', async () => {
    await server.post('subscribe', { topic: 'a/b ü', url: `${branch.url}/x` });
    expect((await server.send(`topic/${encodeURIComponent('a/b ü')}`, { method: 'DELETE' })).json).toEqual(success);
  });
});

test('metrics count by route template, type, operation and result, and never by gid or URL', async () => {
  await server.get('query?gid=secret-gid');
  await server.get('/no/such/path');
  const { text, headers } = await server.get('/api/metrics');
  expect(headers.get('content-type')).toMatch(/^text\/plain/);
  for (const name of [
    'tandem_http_requests_total{route="/api/dtmsvr/query",status="200"}',
    'tandem_http_requests_total{route="other",status="404"}',
    'tandem_transactions_created_total{type="saga"}',
    'tandem_transactions_finished_total{type="saga",status="failed"}',
    'tandem_branch_calls_total{type="saga",op="action",result="success"}',
    'tandem_transactions_unfinished ',
    'tandem_store_batches_total ',
    'nodejs_eventloop_lag_p99_seconds ',
    'process_resident_memory_bytes ',
  ]) {
    expect(text).toContain(name);
  }
  expect(text).not.toContain('secret-gid');
  expect(text).not.toContain(branch.url);
});

test('payloads, header values and passwords never reach the log', async () => {
  branch.answer('/logged', 500);
  const url = `${branch.url.replace('//', '//user:hunter2@')}/logged?token=hunter2`;
  const body = saga('log1', [{ action: url }], {
    payloads: ['{"card":"hunter2"}'],
    branch_headers: { token: 'hunter2' },
  });
  expect((await server.post('submit', body)).status).toBe(425);
  expect(server.logLines.join('')).toContain('called again');
  expect(server.logLines.join('')).not.toContain('hunter2');
});

test('GETs that change something can be turned off', async () => {
  const strict = await TestServer.start({ mutatingGets: false });
  for (const path of ['subscribe', 'unsubscribe', 'resetCronTime']) {
    expect(await strict.get(`${path}?topic=t&url=http://x/`)).toMatchObject({ status: 405 });
    expect((await strict.post(`${path}?topic=t&url=http://x/`, {})).status).toBe(200);
  }
  await strict.close();
});
