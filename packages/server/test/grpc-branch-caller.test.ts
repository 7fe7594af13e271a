import {
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { ServerCredentials, status } from '@grpc/grpc-js';
import type { BranchCall } from '@tandem/coordinator';
import { parseGid, type BranchResult } from '@tandem/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../../../scripts/processes/free-port.mjs';
import { GrpcBranchCaller, type GrpcCallerOptions } from '../src/callers/grpc-branch-caller.js';
import { GrpcBranchService } from './grpc-branch-service.js';
import { pem } from './grpc-client.js';

const noTls = { authorities: undefined, certificate: undefined, key: undefined };
const usual: GrpcCallerOptions = { answerBytesMax: 1_000, isSecureByDefault: false, tls: noTls };

let caller: GrpcBranchCaller;
const closers: (() => unknown)[] = [];

beforeEach(() => {
  caller = new GrpcBranchCaller(usual);
});

afterEach(async () => {
  await caller.close();
  for (const close of closers.splice(0)) await close();
});

async function service(...options: Parameters<typeof GrpcBranchService.open>): Promise<GrpcBranchService> {
  const opened = await GrpcBranchService.open(...options);
  closers.push(() => {
    opened.close();
  });
  return opened;
}

function callOf(url: string, more: Partial<BranchCall> = {}): BranchCall {
  return {
    gid: parseGid('g1'),
    transactionType: 'saga',
    branchId: '01',
    op: 'action',
    url,
    payload: new Uint8Array([0, 255]),
    protocol: 'grpc',
    headers: {},
    timeoutMs: 5_000,
    ...more,
  };
}

function outcome(url: string, more: Partial<BranchCall> = {}, by = caller): Promise<BranchResult> {
  return by.call(callOf(url, more)).result;
}

describe('what a participant sees', () => {
  test('the bytes, the names, the deadline', async () => {
    const busi = await service();
    await outcome(busi.url('In'), { timeoutMs: 3_000, gid: parseGid('g 1/%') });
    const [call] = busi.calls;
    expect([...(call?.payload ?? [])]).toEqual([0, 255]);
    expect(Number(call?.deadline) - Date.now()).toBeLessThanOrEqual(3_000);
    expect(call?.metadata.getMap()).toMatchObject({
      'dtm-gid': 'g 1/%',
      'dtm-trans_type': 'saga',
      'dtm-branch_id': '01',
      'dtm-op': 'action',
      'dtm-dtm': '',
    });
  });

  test('text as UTF-8, nothing as an empty message', async () => {
    const busi = await service();
    await outcome(busi.url('In'), { payload: 'ü' });
    await outcome(busi.url('In'), { payload: '' });
    expect(busi.calls.map(({ payload }) => payload.toString())).toEqual(['ü', '']);
  });

  test('a payload of some size', async () => {
    const busi = await service({ options: { 'grpc.max_receive_message_length': 8_000_000 } });
    expect(await outcome(busi.url('In'), { payload: new Uint8Array(4_000_000) })).toEqual({ kind: 'success' });
    expect(busi.calls[0]?.payload).toHaveLength(4_000_000);
  });

  test("branch headers, except those that are gRPC's or the transaction's own", async () => {
    const busi = await service();
    const own = { te: 'x', 'Content-Type': 'text/plain', 'grpc-timeout': '1n', 'dtm-gid': 'forged', ':path': '/x' };
    await outcome(busi.url('In'), { headers: { Authorization: 'Bearer t', 'x-bin': 'ab', ...own } });
    expect(busi.calls[0]?.metadata.getMap()).toMatchObject({ authorization: 'Bearer t', 'dtm-gid': 'g1' });
    expect(busi.calls[0]?.metadata.get('x-bin')).toEqual([Buffer.from('ab')]);
  });

  test('the name of a workflow that is resumed', async () => {
    const busi = await service();
    await outcome(busi.url('In'), { op: 'resume', wireOp: 'transfer' });
    expect(busi.calls[0]?.metadata.get('dtm-op')).toEqual(['transfer']);
  });
});

describe('how an answer reads', () => {
  test.each([
    [status.OK, '', { kind: 'success' }],
    [status.ABORTED, 'no money: ü\n100%', { kind: 'failure', reason: 'no money: ü\n100%' }],
    [status.ABORTED, 'ONGOING', { kind: 'ongoing' }],
    [status.FAILED_PRECONDITION, 'wait', { kind: 'ongoing', reason: 'wait' }],
    [status.UNKNOWN, 'oops', { kind: 'unknown', reason: 'gRPC status 2: oops' }],
    [status.UNAVAILABLE, 'later', { kind: 'unknown' }],
    [status.UNIMPLEMENTED, '', { kind: 'unknown' }],
  ])('status %i "%s"', async (code, message, expected) => {
    const busi = await service();
    busi.answer('In', code, message);
    expect(await outcome(busi.url('In'))).toMatchObject(expected);
  });

  test('a method that is not there is unknown', async () => {
    const busi = await service();
    expect(await outcome(`${busi.address}/busi.Busi/NoSuch`)).toMatchObject({
      kind: 'unknown',
      reason: expect.stringMatching(/^gRPC status 12: /),
    });
  });

  test('more than the limit of an answer is unknown', async () => {
    const busi = await service();
    busi.on('In', (_call, done) => {
      done(status.OK, '', Buffer.alloc(2_000));
    });
    expect(await outcome(busi.url('In'))).toEqual({ kind: 'unknown', reason: 'answer of more than 1000 bytes' });
  });
});

/** A server of HTTP/2 that does as it is told. */
async function raw(
  serve: (stream: ServerHttp2Stream, count: number, headers: IncomingHttpHeaders) => void,
): Promise<RawServer> {
  const server = createServer();
  const sessions: ServerHttp2Session[] = [];
  let count = 0;
  server.on('session', (session) => {
    sessions.push(session);
    session.on('error', () => undefined);
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    count += 1;
    serve(stream, count, headers);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return { url: `127.0.0.1:${(server.address() as AddressInfo).port}/a.B/C`, server, sessions };
}

interface RawServer {
  readonly url: string;
  readonly server: Http2Server;
  readonly sessions: readonly ServerHttp2Session[];
}

const ok = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '0' };

test('a gid beyond ASCII goes out as the bytes of its UTF-8', async () => {
  const { url } = await raw((stream, _count, headers) => {
    const gid = Buffer.from(String(headers['dtm-gid']), 'latin1').toString();
    stream.respond({ ...ok, 'grpc-status': '10', 'grpc-message': encodeURIComponent(gid) }, { endStream: true });
  });
  expect(await outcome(url, { gid: parseGid('ü 漢') })).toEqual({ kind: 'failure', reason: 'ü 漢' });
});

test('headers that HTTP/2 cannot carry are the fault of their call alone', async () => {
  const busi = await service();
  for (let count = 0; count < 2; count += 1) {
    const result = await outcome(busi.url('In'), { headers: { 'http2-settings': 'x' } });
    expect(result).toEqual({ kind: 'unknown', reason: expect.stringContaining('forbidden') });
  }
  expect(await outcome(busi.url('In'))).toEqual({ kind: 'success' });
});

test('an answer that ends in its head frees its stream, whether the server ends it or not', async () => {
  let closed = 0;
  const { url } = await raw((stream) => {
    stream.on('close', () => (closed += 1));
    stream.respond(ok);
  });
  expect(await outcome(url, { payload: new Uint8Array(4_000_000) })).toEqual({ kind: 'success' });
  await expect.poll(() => closed).toBe(1);
});

describe('servers that are none', () => {
  test.each([
    [{ ':status': 503 }, /^HTTP 503 instead/],
    [{ ':status': 200, 'content-type': 'text/html' }, /is no gRPC$/],
    [{ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': 'fine' }, /without a gRPC status$/],
    [{ ':status': 200, 'content-type': 'application/grpc' }, /before the answer was complete/],
  ])('%j is unknown', async (headers, reason) => {
    const { url } = await raw((stream) => {
      stream.respond(headers, { endStream: true });
    });
    expect(await outcome(url)).toMatchObject({ kind: 'unknown', reason: expect.stringMatching(reason) });
  });

  test('nobody listens: unreachable', async () => {
    const result = await outcome('127.0.0.1:1/a.B/C');
    expect(result).toMatchObject({ kind: 'unknown', isUnreachable: true, reason: 'connection refused (ECONNREFUSED)' });
  });

  test('no such host: unreachable', async () => {
    expect(await outcome('nowhere.invalid:1/a.B/C')).toMatchObject({ kind: 'unknown', isUnreachable: true });
  });

  test('a server that takes the connection and says nothing: unreachable when the time is over', async () => {
    const silent = createTcpServer((socket) => socket.on('error', () => undefined));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    closers.push(() => silent.close());
    const result = await outcome(`127.0.0.1:${(silent.address() as AddressInfo).port}/a.B/C`, { timeoutMs: 200 });
    expect(result).toEqual({ kind: 'unknown', reason: 'no complete answer within 200 ms', isUnreachable: true });
  });

  test('a server of HTTP/1.1 is unknown', async () => {
    const other = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    closers.push(() => other.close());
    expect(await outcome(`127.0.0.1:${(other.address() as AddressInfo).port}/a.B/C`)).toMatchObject({
      kind: 'unknown',
    });
  });

  test('a connection that drops after the call was sent is not called again', async () => {
    const { url, sessions } = await raw((stream) => {
      if (stream.session !== undefined) stream.session.destroy();
    });
    expect(await outcome(url)).toMatchObject({ kind: 'unknown', isUnreachable: true });
    expect(sessions).toHaveLength(1);
  });
});

describe('time', () => {
  test('the server is told when nobody waits any more', async () => {
    const busi = await service();
    // The time of the call that is to be given up is not for connecting.
    await outcome(busi.url('In'));
    busi.on('Slow', () => undefined);
    expect(await outcome(busi.url('Slow'), { timeoutMs: 1_000 })).toMatchObject({
      kind: 'unknown',
      isUnreachable: true,
    });
    await busi.until(() => busi.cancelled.length === 1);
  });

  test('a call that is given up answers at once', async () => {
    const busi = await service();
    busi.on('Slow', () => undefined);
    const { result, cancel } = caller.call(callOf(busi.url('Slow'), { timeoutMs: 60_000 }));
    await busi.until(() => busi.calls.length === 1);
    cancel();
    expect(await result).toMatchObject({ kind: 'unknown', reason: 'the call was given up' });
    await busi.until(() => busi.cancelled.length === 1);
  });

  test('one that waits for its connection is given up too', async () => {
    const { result, cancel } = caller.call(callOf('nowhere.invalid:1/a.B/C'));
    cancel();
    expect(await result).toMatchObject({ kind: 'unknown', reason: 'the call was given up' });
  });
});

describe('connections', () => {
  test('many calls at once share one', async () => {
    const busi = await service();
    const results = await Promise.all(Array.from({ length: 200 }, () => outcome(busi.url('In'))));
    expect(new Set(results.map(({ kind }) => kind))).toEqual(new Set(['success']));
    await outcome(busi.url('In'));
    expect(new Set(busi.calls.map(({ peer }) => peer)).size).toBeLessThanOrEqual(2);
  });

  test('a server that takes few streams at once gets more connections', async () => {
    const busi = await service({ options: { 'grpc.max_concurrent_streams': 2 } });
    await outcome(busi.url('In'));
    const results = await Promise.all(Array.from({ length: 40 }, () => outcome(busi.url('In'))));
    expect(results.every(({ kind }) => kind === 'success')).toBe(true);
    expect(new Set(busi.calls.map(({ peer }) => peer)).size).toBeGreaterThan(1);
  });

  test('a server that restarts is found again', async () => {
    const port = await freePort();
    const first = await service({ port });
    expect(await outcome(first.url('In'))).toEqual({ kind: 'success' });
    first.close();
    expect(await outcome(first.url('In'))).toMatchObject({ kind: 'unknown' });
    const second = await service({ port });
    await expect.poll(() => outcome(second.url('In'))).toEqual({ kind: 'success' });
  });

  test('GOAWAY: calls under way end, further ones go elsewhere', async () => {
    const port = await freePort();
    const first = await service({ port });
    let finish: (code: status) => void = () => undefined;
    first.on('Slow', (_call, done) => {
      finish = done;
    });
    const slow = outcome(first.url('Slow'));
    await first.until(() => first.calls.length === 1);
    const drained = first.drain();
    await expect.poll(() => outcome(first.url('In'))).toMatchObject({ kind: 'unknown' });
    finish(status.OK);
    expect(await slow).toEqual({ kind: 'success' });
    await drained;
    const second = await service({ port });
    expect(await outcome(second.url('In'))).toEqual({ kind: 'success' });
  });

  test('a stream that was refused is tried again at once on another', async () => {
    const { url, sessions } = await raw((stream, count) => {
      if (count === 1) stream.close(7);
      else stream.respond(ok, { endStream: true });
    });
    expect(await outcome(url)).toEqual({ kind: 'success' });
    expect(sessions.length).toBeGreaterThanOrEqual(1);
  });
});

describe('several addresses', () => {
  test('calls are spread over all of them, and over the others when one is gone', async () => {
    const services = [await service(), await service({ host: '127.0.0.2' }), await service({ host: '127.0.0.3' })];
    const url = `direct:///${services.map(({ address }) => address).join(',')}/busi.Busi/In`;
    await Promise.all(Array.from({ length: 90 }, () => outcome(url)));
    for (const { calls } of services) expect(calls.length).toBeGreaterThan(15);
    const [gone, ...others] = services;
    gone?.close();
    await outcome(url);
    const before = others.map(({ calls }) => calls.length);
    const results = await Promise.all(Array.from({ length: 20 }, () => outcome(url)));
    expect(results.every(({ kind }) => kind === 'success')).toBe(true);
    for (const [index, { calls }] of others.entries()) expect(calls.length).toBeGreaterThan(before[index] ?? 0);
  });

  test('one that was never there is passed over', async () => {
    const busi = await service();
    const url = `direct:///127.0.0.1:1,${busi.address}/busi.Busi/In`;
    const results = await Promise.all(Array.from({ length: 10 }, () => outcome(url)));
    expect(results).toEqual(Array.from({ length: 10 }, () => ({ kind: 'success' })));
  });

  test('a name is resolved', async () => {
    const busi = await service();
    const url = `dns:///localhost:${busi.address.split(':')[1] ?? ''}/busi.Busi/In`;
    expect(await outcome(url)).toEqual({ kind: 'success' });
  });
});

describe('TLS', () => {
  const pair = { private_key: pem('server.key'), cert_chain: pem('server.pem') };
  const open = (clientAuthority: Buffer | null = null) =>
    service({ credentials: ServerCredentials.createSsl(clientAuthority, [pair], clientAuthority !== null) });
  const trusting = { ...noTls, authorities: pem('authority.pem') };

  function callerWith(options: Partial<GrpcCallerOptions>): GrpcBranchCaller {
    const made = new GrpcBranchCaller({ ...usual, ...options });
    closers.push(() => made.close());
    return made;
  }

  test('grpcs:// believes the authority that it was given, by address and by name', async () => {
    const busi = await open();
    const by = callerWith({ tls: trusting });
    const port = busi.address.split(':')[1] ?? '';
    expect(await outcome(`grpcs://${busi.url('In')}`, {}, by)).toEqual({ kind: 'success' });
    expect(await outcome(`grpcs://localhost:${port}/busi.Busi/In`, {}, by)).toEqual({ kind: 'success' });
  });

  test('a server that nobody vouches for is not called', async () => {
    const busi = await open();
    const result = await outcome(`grpcs://${busi.url('In')}`);
    expect(result).toMatchObject({ kind: 'unknown', isUnreachable: true });
    expect(busi.calls).toEqual([]);
  });

  test('a URL without a scheme is secure where the setting says so', async () => {
    const busi = await open();
    const by = callerWith({ tls: trusting, isSecureByDefault: true });
    expect(await outcome(busi.url('In'), {}, by)).toEqual({ kind: 'success' });
    expect(await outcome(`grpc://${busi.url('In')}`, {}, by)).toMatchObject({ kind: 'unknown' });
  });

  test('a server that wants a certificate gets it, and takes no other', async () => {
    const busi = await open(pem('authority.pem'));
    const known = { ...trusting, certificate: pem('client.pem'), key: pem('client.key') };
    const stranger = { ...trusting, certificate: pem('intruder.pem'), key: pem('intruder.key') };
    const url = `grpcs://${busi.url('In')}`;
    expect(await outcome(url, {}, callerWith({ tls: known }))).toEqual({ kind: 'success' });
    expect(await outcome(url, {}, callerWith({ tls: stranger }))).toMatchObject({ kind: 'unknown' });
    expect(await outcome(url, {}, callerWith({ tls: trusting }))).toMatchObject({ kind: 'unknown' });
    expect(busi.calls).toHaveLength(1);
  });
});
