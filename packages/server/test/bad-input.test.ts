import { connect, type Socket } from 'node:net';
import { limits } from '@tandem/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BranchService } from './branch-service.js';
import { message, saga } from './requests.js';
import { TestServer, type Answer } from './test-server.js';

let server: TestServer;
let branch: BranchService;

beforeAll(async () => {
  branch = await BranchService.open();
  server = await TestServer.start();
});

afterAll(async () => {
  await server.close();
  await branch.close();
});

function expectRefusal(answer: Answer, status: number, code: string): void {
  expect({ status: answer.status, code: answer.json['code'] }).toEqual({ status, code });
  expect(answer.json['dtm_result']).toBe('FAILURE');
  expect(answer.json['message']).toMatch(/\w{3}/);
  expect(answer.text).not.toMatch(/\bat .*\.[jt]s:/);
}

/** A caller on bare TCP. That a refused one is cut off while it still sends may reset it: what counts is what it was told. */
function callerOnTcp(connected?: () => void): Socket {
  const { port } = new URL(server.url);
  return connect(Number(port), '127.0.0.1', connected).on('error', () => undefined);
}

const step = () => ({ action: `${branch.url}/a`, compensate: `${branch.url}/c` });
const changing = ['abort', 'forceStop', 'pause', 'resume', 'retryNow', 'resetNextCronTime'];

test.each(['', '{', 'nonsense', '{"gid":"x"', '[1,'])('a body that is not JSON (%j) is refused', async (body) => {
  const answer = await server.post('submit', body);
  expectRefusal(answer, 400, body === '' ? 'INVALID_REQUEST' : 'INVALID_JSON');
});

test('a body that is not UTF-8 is refused rather than repaired', async () => {
  const body = Buffer.concat([Buffer.from('{"gid":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
  expectRefusal(await server.send('submit', { method: 'POST', body }), 400, 'INVALID_JSON');
});

test.each([
  ['the body', []],
  ['the body', '"text"'],
  ['steps', saga('w1', [], { steps: 'text' })],
  ['payloads', saga('w2', [], { steps: [{ action: 'http://127.0.0.1:9/a' }], payloads: {} })],
  ['wait_result', saga('w3', [], { wait_result: 'yes' })],
  ['retry_limit', saga('w4', [], { retry_limit: 'many' })],
  ['branch_headers', saga('w5', [], { branch_headers: ['x'] })],
  ['timeout_to_fail', saga('w6', [], { timeout_to_fail: -1 })],
])('a wrong type of %s is refused', async (_name, body) => {
  expectRefusal(await server.post('submit', body), 400, 'INVALID_REQUEST');
});

test.each(['nonsense', 'TCC', '', null, 7])('trans_type %j is refused', async (type) => {
  const answer = await server.post('submit', saga('t1', [step()], { trans_type: type }));
  expect(answer.status).toBe(400);
  expect(['UNKNOWN_TRANSACTION_TYPE', 'INVALID_REQUEST']).toContain(answer.json['code']);
});

test('a saga without steps is refused: a misspelt member would go unnoticed', async () => {
  const { steps: misspelt, ...rest } = saga('s1', [step()]) as Record<string, unknown>;
  for (const body of [saga('s1', []), { ...rest, stepz: misspelt }]) {
    const answer = await server.post('submit', body);
    expectRefusal(answer, 400, 'INVALID_REQUEST');
    expect(answer.json['message']).toContain('steps');
  }
  expect((await server.get('query?gid=s1')).json['transaction']).toBeNull();
});

test('fewer payloads than steps are refused', async () => {
  const answer = await server.post('submit', saga('p1', [step(), step()], { payloads: ['{}'] }));
  expectRefusal(answer, 400, 'INVALID_REQUEST');
});

test.each(['', null, undefined, 7, 'x'.repeat(limits.gidCharactersMax + 1), 'line\nbreak'])(
  'the gid %j is refused by every verb',
  async (gid) => {
    for (const verb of ['submit', 'prepare', ...changing]) {
      expectRefusal(await server.post(verb, { ...saga('', [step()]), gid }), 400, 'INVALID_GID');
    }
  },
);

test.each(changing)('%s of an unknown gid is 404', async (verb) => {
  expectRefusal(await server.post(verb, { gid: 'nobody', trans_type: 'msg' }), 404, 'NOT_FOUND');
});

test('query of an unknown gid answers null as DTM does', async () => {
  const answer = await server.get('query?gid=nobody');
  expect(answer).toMatchObject({ status: 200, json: { transaction: null, branches: [] } });
  expectRefusal(await server.get('query'), 400, 'INVALID_GID');
});

describe('a body over the limit', () => {
  const bytesMax = 100_000;
  const large = 'x'.repeat(bytesMax);
  let narrow: TestServer;

  // Far below the default: a busy machine has no time to send and to discard many megabytes.
  beforeAll(async () => {
    narrow = await TestServer.start({ requestBytesMax: bytesMax });
  });
  afterAll(() => narrow.close());

  test('is refused before it was read', async () => {
    expectRefusal(await narrow.post('submit', large + large), 413, 'LIMIT_EXCEEDED');
  });

  test('is refused when its length was not told', async () => {
    const chunks = [large, 'y'].map((text) => new TextEncoder().encode(text));
    const body = new ReadableStream({
      pull: (controller) => {
        const chunk = chunks.shift();
        if (chunk === undefined) controller.close();
        else controller.enqueue(chunk);
      },
    });
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', body, duplex: 'half' };
    expectRefusal(await narrow.send('submit', init), 413, 'LIMIT_EXCEEDED');
  });

  test('is refused without being sent where the caller asks first', async () => {
    const answer = await new Promise<string>((resolve) => {
      const socket = callerOnTcp(() => {
        socket.write(
          'POST /api/dtmsvr/submit HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\nexpect: 100-continue\r\n\r\n',
        );
      });
      socket.once('data', (data) => {
        resolve(data.toString());
        socket.destroy();
      });
    });
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });
});

test('a body in very many pieces is refused: each costs more than it holds', async () => {
  const socket = callerOnTcp();
  const answer = new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())));
  socket.write('POST /api/dtmsvr/submit HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n');
  socket.write('1\r\n1\r\n'.repeat(70_000));
  expect(await answer).toMatch(/^HTTP\/1\.1 413 /);
  socket.destroy();
});

test('bodies that arrive together are bounded together', async () => {
  const piece = Buffer.alloc(15 * 1024 * 1024, 'x');
  const sockets = Array.from({ length: 20 }, () => callerOnTcp());
  const answers = sockets.map(
    (socket) => new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString()))),
  );
  for (const socket of sockets) {
    socket.write('POST /api/dtmsvr/submit HTTP/1.1\r\nhost: x\r\ncontent-length: 16000000\r\n\r\n');
    socket.write(piece);
  }
  expect(await Promise.race(answers)).toMatch(/^HTTP\/1\.1 429 /);
  for (const socket of sockets) socket.destroy();
  await expect.poll(async () => (await server.post('submit', saga('after', [step()]))).status).toBe(200);
});

test('a payload over the limit is refused', async () => {
  const answer = await server.post(
    'submit',
    saga('big', [step()], { payloads: ['x'.repeat(limits.payloadBytesMax + 1)] }),
  );
  expectRefusal(answer, 413, 'LIMIT_EXCEEDED');
});

test('more steps than the limit are refused', async () => {
  const steps = Array.from({ length: limits.branchesMax + 1 }, () => ({ action: '' }));
  expectRefusal(await server.post('submit', saga('many', steps)), 413, 'LIMIT_EXCEEDED');
});

test('a caller that goes away in the middle of its body harms nobody', async () => {
  await new Promise<void>((resolve) => {
    const socket = callerOnTcp(() => {
      socket.write('POST /api/dtmsvr/submit HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{', () =>
        socket.destroy(),
      );
    });
    socket.once('close', () => resolve());
  });
  expect((await server.get('/api/ready')).status).toBe(200);
  expect(server.logLines.join('')).not.toContain('defect');
});

describe('a repeat', () => {
  test('with the same content answers as the transaction stands', async () => {
    const body = saga('again', [step()]);
    expect((await server.post('submit', body)).status).toBe(200);
    const calls = branch.calls.length;
    expect((await server.post('submit', body)).json).toEqual({ dtm_result: 'SUCCESS' });
    expect(branch.calls.length).toBe(calls);
  });

  test('of one that failed tells the failure to who waits, and only to who waits', async () => {
    branch.answer('/refuse', 409, { why: 'no' });
    const steps = [{ action: `${branch.url}/refuse` }];
    expectFailure(await server.post('submit', saga('again-failed', steps)));
    expectFailure(await server.post('submit', saga('again-failed', steps)));
    expect((await server.post('submit', saga('again-failed', steps, { wait_result: false }))).status).toBe(200);
  });

  test('with other content is a conflict', async () => {
    await server.post('submit', saga('other', [step()]));
    const answer = await server.post('submit', saga('other', [step()], { payloads: ['{"amount":2}'] }));
    expectRefusal(answer, 409, 'CONFLICTING_REPEAT');
  });
});

function expectFailure(answer: Answer): void {
  expect(answer.status).toBe(409);
  expect(answer.json['dtm_result']).toBe('FAILURE');
  expect(answer.json['message']).toContain('no');
}

test.each([
  "it's; drop table x; --",
  '"quoted"',
  'a/b//c/../d',
  '{"brace":"{}"}',
  '漢字 ünïcödé 🎉',
  'order-1',
  'order-10',
  'order-1-a',
  'ORDER-1',
  'a;b',
  'ab',
  'a b+c=d&e%f?g#h@i:j',
  '%2F',
])('the gid %j is kept apart and comes back as given', async (gid) => {
  expect((await server.post('submit', saga(gid, [step()]))).json).toEqual({ dtm_result: 'SUCCESS' });
  expect(branch.calls.at(-1)?.query['gid']).toBe(gid);
  const { json } = await server.get(`query?gid=${encodeURIComponent(gid)}`);
  expect(json['transaction']).toMatchObject({ gid, status: 'succeed' });
  expect(json['branches']).toHaveLength(2);
});

test('a message without query_prepared cannot be prepared', async () => {
  const answer = await server.post('prepare', message('m1', [`${branch.url}/a`], { query_prepared: '' }));
  expectRefusal(answer, 400, 'INVALID_REQUEST');
});

test.each(['ftp://host/x', 'grpc://host/x', 'host:80/x', 'localhost/x', 'javascript:x', 'http://'])(
  'the branch URL %j is refused',
  async (url) => {
    expectRefusal(await server.post('submit', saga('u1', [{ action: url }])), 400, 'UNSUPPORTED_BRANCH_URL');
    expectRefusal(await server.post('submit', message('u2', [url])), 400, 'UNSUPPORTED_BRANCH_URL');
  },
);

test('a message to a topic that does not exist is refused', async () => {
  expectRefusal(await server.post('submit', message('m2', ['topic://nobody'])), 404, 'TOPIC_NOT_FOUND');
});

test.each([
  'all?limit=x',
  'all?createTimeStart=x',
  'all?paused=maybe',
  'all?status=bogus',
  'all?transType=bogus',
  'resetCronTime?timeout=-5',
  'subscribe?topic=t',
])('%s is refused', async (path) => {
  expectRefusal(await server.get(path), 400, 'INVALID_REQUEST');
});

test('an unknown path and a wrong method answer JSON', async () => {
  expectRefusal(await server.get('/nonsense'), 404, 'PATH_NOT_FOUND');
  const answer = await server.get('submit');
  expectRefusal(answer, 405, 'METHOD_NOT_ALLOWED');
  expect(answer.headers.get('allow')).toBe('POST');
});

const head = (more: string) => `GET /api/ping HTTP/1.1\r\nconnection: close\r\n${more}\r\n\r\n`;

test.each([
  ['nonsense', 400, 'INVALID_REQUEST', 'NONSENSE\r\n\r\n'],
  ['a request without a host', 400, 'INVALID_REQUEST', head('x: y')],
  ['an expectation that nobody knows', 417, 'EXPECTATION_FAILED', head('host: x\r\nexpect: zz')],
  ['a head that is too large', 431, 'HEADERS_TOO_LARGE', head(`host: x\r\nx: ${'y'.repeat(64 * 1024)}`)],
])('%s is answered with JSON', async (_name, status, code, text) => {
  const answer = await rawAnswer(text);
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  const [, body = ''] = answer.split('\r\n\r\n');
  expect(JSON.parse(body)).toEqual({ code, message: expect.any(String), dtm_result: 'FAILURE' });
});

test('a query that is not percent-encoded is refused with what is wrong', async () => {
  const answer = await rawAnswer('GET /api/dtmsvr/query?gid=\u00e9 HTTP/1.1\r\nhost: x\r\n\r\n');
  expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*percent-encoded/);
});

function rawAnswer(text: string): Promise<string> {
  return new Promise((resolve) => {
    let received = '';
    const socket = callerOnTcp(() => socket.write(text));
    socket.on('data', (data) => (received += data.toString()));
    socket.on('close', () => resolve(received));
  });
}

test.each([
  'subscribe?topic=head&url=http://127.0.0.1:9/a',
  'unsubscribe?topic=kept&url=http://127.0.0.1:9/a',
  'resetCronTime',
])('HEAD of %s is refused and changes nothing', async (path) => {
  await server.get('subscribe?topic=kept&url=http://127.0.0.1:9/a');
  const before = (await server.get('scanKV?cat=topics')).json;
  const answer = await server.send(path, { method: 'HEAD' });
  expect(answer.status).toBe(405);
  expect(answer.headers.get('allow')).toBe('GET, POST');
  expect((await server.get('scanKV?cat=topics')).json).toEqual(before);
});

test('HEAD of what a GET only reads answers like the GET, without its body', async () => {
  for (const path of ['/api/ping', '/api/health', '/api/ready', '/api/metrics', 'query?gid=nobody', 'all', 'newGid']) {
    const answer = await server.send(path, { method: 'HEAD' });
    expect({ path, status: answer.status, text: answer.text }).toEqual({ path, status: 200, text: '' });
    expect(Number(answer.headers.get('content-length'))).toBeGreaterThan(0);
  }
  const refused = await server.post('query', {});
  expect(refused.headers.get('allow')).toBe('GET, HEAD');
});
