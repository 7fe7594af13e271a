import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { BranchCall } from '@tandem/coordinator';
import { parseGid, type BranchResult } from '@tandem/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HttpBranchCaller, type HttpCallerOptions } from '../src/callers/http-branch-caller.js';
import { BranchService } from './branch-service.js';

let branch: BranchService;
let caller: HttpBranchCaller;

const usual: HttpCallerOptions = { answerMode: 'compatible', answerBytesMax: 1_000, connectionsPerTargetMax: 8 };

beforeEach(async () => {
  branch = await BranchService.open();
  caller = new HttpBranchCaller(usual);
});

afterEach(async () => {
  await branch.close();
  await caller.close();
});

function callOf(path: string, more: Partial<BranchCall> = {}): BranchCall {
  return {
    gid: parseGid('g1'),
    transactionType: 'saga',
    branchId: '01',
    op: 'action',
    url: path.startsWith('http') ? path : branch.url + path,
    payload: '{"amount":30}',
    protocol: 'http',
    headers: {},
    timeoutMs: 5_000,
    ...more,
  };
}

function outcome(path: string, more: Partial<BranchCall> = {}): Promise<BranchResult> {
  return caller.call(callOf(path, more)).result;
}

describe('what a participant sees', () => {
  test('a POST with the payload byte for byte and the names in the query', async () => {
    const payload = '{"text": "ü 漢 \\u00e9",\n "n":1.0}';
    await outcome('/a', { payload, gid: parseGid('g 1/:=&%?#+é') });
    expect(branch.calls[0]).toMatchObject({ method: 'POST', body: payload });
    expect(branch.calls[0]?.query).toEqual({ gid: 'g 1/:=&%?#+é', trans_type: 'saga', branch_id: '01', op: 'action' });
    expect(branch.calls[0]?.headers['content-type']).toBe('application/json');
  });

  test('bytes as they are', async () => {
    await outcome('/a', { payload: new TextEncoder().encode('bytes') });
    expect(branch.calls[0]).toMatchObject({ method: 'POST', body: 'bytes' });
  });

  test('a GET without a body where the payload is empty', async () => {
    await outcome('/a', { payload: '', branchId: '00', op: 'msg', transactionType: 'msg' });
    expect(branch.calls[0]).toMatchObject({ method: 'GET', body: '' });
    expect(branch.calls[0]?.query).toMatchObject({ trans_type: 'msg', branch_id: '00', op: 'msg' });
  });

  test("the URL's own query as it was written", async () => {
    await outcome('/a%20b?x=1&y=%2f+z');
    expect(branch.calls[0]?.rawUrl).toMatch(/^\/a%20b\?x=1&y=%2f\+z&gid=g1&/);
  });

  test('branch headers, one of which may replace the content type', async () => {
    await outcome('/a', { headers: { 'X-Tenant': 'seven', 'Content-Type': 'text/plain' } });
    expect(branch.calls[0]?.headers).toMatchObject({ 'x-tenant': 'seven', 'content-type': 'text/plain' });
  });

  test('basic authentication from the URL', async () => {
    await outcome(`${branch.url.replace('//', '//user:pass@')}/a`);
    expect(branch.calls[0]?.headers.authorization).toBe(`Basic ${btoa('user:pass')}`);
  });
});

describe('how an answer reads', () => {
  test.each([
    [200, '{}', 'success'],
    [201, '', 'success'],
    [204, '', 'success'],
    [200, '{"dtm_result":"SUCCESS"}', 'success'],
    [200, '{"dtm_result":"FAILURE"}', 'failure'],
    [200, '{"dtm_result":"ONGOING"}', 'ongoing'],
    [200, '{"note":"AUTHENTICATION_FAILURE"}', 'success'],
    [409, 'not enough money', 'failure'],
    [425, '', 'ongoing'],
    [202, '', 'ongoing'],
    [400, '{}', 'unknown'],
    [404, '{}', 'unknown'],
    [500, 'FAILURE', 'unknown'],
    [503, '', 'unknown'],
  ])('%i %j is %s', async (status, body, kind) => {
    branch.answer('/a', status, body);
    const result = await outcome('/a');
    expect(result.kind).toBe(kind);
    expect('isUnreachable' in result && result.isUnreachable).toBe(false);
  });

  test('in strict mode the status alone counts', async () => {
    await caller.close();
    caller = new HttpBranchCaller({ ...usual, answerMode: 'strict' });
    branch.answer('/a', 200, { dtm_result: 'FAILURE' });
    expect((await outcome('/a')).kind).toBe('success');
  });

  test('the reason of a failure is what the participant said', async () => {
    branch.answer('/a', 409, 'not enough money');
    expect(await outcome('/a')).toMatchObject({ kind: 'failure', reason: expect.stringContaining('not enough money') });
  });
});

describe('what goes wrong is unknown', () => {
  test.each([301, 302, 303, 307, 308])('a redirect (%i) is not followed', async (status) => {
    branch.on('/a', (_call, response) => response.writeHead(status, { location: `${branch.url}/b` }).end());
    const result = await outcome('/a');
    expect(result).toMatchObject({ kind: 'unknown', reason: expect.stringMatching(/^redirects are not followed/) });
    expect(branch.callsOf('/b')).toEqual([]);
  });

  test('an answer over the limit is not read to its end', async () => {
    branch.answer('/exact', 200, 'x'.repeat(1_000)).answer('/large', 200, 'x'.repeat(1_001));
    expect((await outcome('/exact')).kind).toBe('success');
    expect(await outcome('/large')).toEqual({ kind: 'unknown', reason: 'answer of more than 1000 bytes' });
    expect((await outcome('/exact')).kind).toBe('success');
  });

  test('no answer within the timeout', async () => {
    branch.on('/a', () => undefined);
    const result = await outcome('/a', { timeoutMs: 30 });
    expect(result).toEqual({ kind: 'unknown', reason: 'no complete answer within 30 ms', isUnreachable: true });
    expect((await outcome('/b')).kind).toBe('success');
  });

  test('an answer that begins and never ends', async () => {
    branch.on('/a', (_call, response) => {
      response.writeHead(200, { 'content-length': 10 });
      response.write('x');
    });
    expect(await outcome('/a', { timeoutMs: 30 })).toMatchObject({ kind: 'unknown', isUnreachable: true });
  });

  test('a timeout of a hundred years does not end at once', async () => {
    expect((await outcome('/a', { timeoutMs: 100 * 365 * 86_400_000 })).kind).toBe('success');
  });

  test('a refused connection', async () => {
    const { url } = branch;
    await branch.close();
    const result = await outcome(`${url}/a`);
    expect(result).toEqual({ kind: 'unknown', reason: 'connection refused (ECONNREFUSED)', isUnreachable: true });
    branch = await BranchService.open();
  });

  test('a host that does not exist', async () => {
    expect(await outcome('http://no-such-host.invalid/a')).toMatchObject({ kind: 'unknown', isUnreachable: true });
  });

  test('a connection that ends in the middle of an answer', async () => {
    branch.on('/a', (_call, response) => {
      response.writeHead(200, { 'content-length': 10 });
      response.write('x', () => response.destroy());
    });
    expect(await outcome('/a')).toMatchObject({ kind: 'unknown', isUnreachable: false });
    expect(branch.callsOf('/a')).toHaveLength(1);
  });

  test('a malformed URL', async () => {
    expect(await outcome('http://host:99999/')).toMatchObject({ kind: 'unknown' });
  });

  test('more calls at once than there are connections', async () => {
    branch.on('/slow', () => undefined);
    const calls = Array.from({ length: 9 }, () => caller.call(callOf('/slow')));
    const result = await calls[8]?.result;
    expect(result).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('in use') });
    for (const call of calls) call.cancel();
    await Promise.all(calls.map((call) => call.result));
  });
});

test('a call that is given up answers at once and drops its connection', async () => {
  const dropped = new Promise((resolve) => {
    branch.on('/a', (_call, response) => response.once('close', resolve));
  });
  const call = caller.call(callOf('/a'));
  await branch.called('/a');
  call.cancel();
  expect(await call.result).toMatchObject({ kind: 'unknown', reason: 'the call was given up' });
  await dropped;
});

test('connections are used again, and never by two calls at once', async () => {
  const sockets = new Set<unknown>();
  branch.on('/a', (_call, response, request) => {
    sockets.add(request.socket);
    response.end('{}');
  });
  for (let turn = 0; turn < 5; turn += 1) await outcome('/a');
  expect(sockets.size).toBe(1);
  await Promise.all(Array.from({ length: 6 }, () => outcome('/a')));
  expect(sockets.size).toBe(6);
});

test.each([
  ['http://host/a', 'http://host'],
  ['http://HOST:80/a?x=1', 'http://host'],
  ['https://host/a', 'https://host'],
  ['http://host:8080/b', 'http://host:8080'],
])('the target of %s is %s', (url, target) => {
  expect(caller.targetOf(url)).toBe(target);
});

/** A participant on bare TCP: decides for each request, by its number on the connection and in all, what happens. */
class RawService {
  readonly #server: Server;
  requests = 0;
  connections = 0;

  constructor(react: (socket: Socket, nthOnConnection: number) => void) {
    this.#server = createServer((socket) => {
      this.connections += 1;
      let nth = 0;
      socket.on('error', () => undefined);
      socket.on('data', () => {
        nth += 1;
        this.requests += 1;
        react(socket, nth);
      });
    });
  }

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/a`;
  }

  close(): void {
    this.#server.close();
  }
}

describe('a kept connection that the peer closed', () => {
  const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';

  test('costs one repeat on a new connection, not a retry interval', async () => {
    const service = new RawService((socket, nth) => (nth === 1 ? socket.write(answer) : socket.destroy()));
    const url = await service.open();
    expect((await outcome(url)).kind).toBe('success');
    expect((await outcome(url)).kind).toBe('success');
    expect(service).toMatchObject({ requests: 3, connections: 2 });
    service.close();
  });

  test('costs no more when many are closed at once', async () => {
    const service = new RawService((socket, nth) => (nth === 1 ? socket.write(answer) : socket.destroy()));
    const url = await service.open();
    for (let round = 0; round < 2; round += 1) {
      const results = await Promise.all(Array.from({ length: 8 }, () => outcome(url)));
      expect(results.map(({ kind }) => kind)).toEqual(Array(8).fill('success'));
    }
    expect(service).toMatchObject({ requests: 24, connections: 16 });
    service.close();
  });

  test('is repeated once only', async () => {
    const service = new RawService((socket) => (service.requests === 1 ? socket.write(answer) : socket.destroy()));
    const url = await service.open();
    expect((await outcome(url)).kind).toBe('success');
    expect(await outcome(url)).toMatchObject({ kind: 'unknown', isUnreachable: true });
    expect(service.requests).toBe(3);
    service.close();
  });

  test('is not repeated where it was new: the participant may have begun', async () => {
    const service = new RawService((socket) => socket.destroy());
    const url = await service.open();
    expect(await outcome(url)).toMatchObject({ kind: 'unknown', isUnreachable: true });
    expect(service.requests).toBe(1);
    service.close();
  });

  test('is not repeated after a byte of the answer', async () => {
    const service = new RawService((socket, nth) =>
      nth === 1
        ? socket.write(answer)
        : socket.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nx', () => socket.destroy()),
    );
    const url = await service.open();
    await outcome(url);
    expect(await outcome(url)).toMatchObject({ kind: 'unknown', isUnreachable: false });
    expect(service.requests).toBe(2);
    service.close();
  });
});
