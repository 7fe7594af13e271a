import {
  connect,
  constants,
  type ClientHttp2Session,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { gzipSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { GrpcServer } from '../src/grpc/grpc-server.js';
import { GrpcClient } from './grpc-client.js';
import { TestServer } from './test-server.js';

let server: TestServer;
let neighbour: GrpcClient;
const sessions: ClientHttp2Session[] = [];

beforeAll(async () => {
  server = await TestServer.start({ requestBytesMax: 100_000 });
  neighbour = new GrpcClient(server.grpcAddress);
});

// Whatever was done: nobody else notices.
afterEach(async () => {
  expect(await neighbour.dtm('NewGid')).toMatchObject({ code: status.OK });
  for (const session of sessions.splice(0)) session.destroy();
  expect(server.logLines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
});

afterAll(async () => {
  neighbour.close();
  await server.close();
});

function open(): ClientHttp2Session {
  const session = connect(`http://${server.grpcAddress}`);
  session.on('error', () => undefined);
  sessions.push(session);
  return session;
}

interface RawAnswer {
  readonly http: number;
  readonly grpc: string;
  readonly message: string;
}

const usual = { ':method': 'POST', ':path': '/dtmgimp.Dtm/Submit', 'content-type': 'application/grpc', te: 'trailers' };

/** One call written by hand. */
function raw(headers: OutgoingHttpHeaders, chunks: readonly Buffer[], session = open()): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const stream = session.request({ ...usual, ...headers });
    let [http, grpc, message] = [0, '', ''];
    const take = (got: IncomingHttpHeaders & { readonly ':status'?: number | undefined }): void => {
      if (got[':status'] !== undefined) http = got[':status'];
      grpc = textOf(got['grpc-status']) ?? grpc;
      message = textOf(got['grpc-message']) ?? message;
    };
    stream.on('response', take);
    stream.on('trailers', take);
    stream.on('error', () => undefined);
    stream.on('close', () => {
      resolve({ http, grpc, message });
    });
    stream.resume();
    for (const chunk of chunks) stream.write(chunk);
    stream.end();
  });
}

function textOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}

function frame(message: Uint8Array, flag = 0, length = message.length): Buffer {
  const head = Buffer.alloc(5);
  head[0] = flag;
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, message]);
}

describe('what is no call', () => {
  test.each([
    ['another method of HTTP', { ':method': 'PUT' }, 405],
    ['JSON', { 'content-type': 'application/json' }, 415],
    ['another codec', { 'content-type': 'application/grpc+json' }, 415],
  ])('%s is a status of HTTP', async (_name, headers, http) => {
    expect(await raw(headers, [frame(Buffer.alloc(0))])).toMatchObject({ http, grpc: '' });
  });

  test.each(['/dtmgimp.Dtm/NoSuch', '/no.Such/Submit', '/', '/dtmgimp.Dtm/submit', '/dtmgimp.Dtm/Submit/'])(
    '%s is UNIMPLEMENTED',
    async (path) => {
      expect(await raw({ ':path': path }, [frame(Buffer.alloc(0))])).toMatchObject({ http: 200, grpc: '12' });
    },
  );

  test('HTTP/1.1 and noise end their own connection only', async () => {
    const [host, port] = server.grpcAddress.split(':');
    for (const text of ['GET / HTTP/1.1\r\nhost: x\r\n\r\n', '\u0000\u0001\u0002'.repeat(1_000)]) {
      const socket = connectTcp(Number(port), host);
      socket.on('error', () => undefined);
      socket.write(text);
      await new Promise((resolve) => socket.once('close', resolve).resume());
    }
  });
});

describe('messages', () => {
  const malformed = [
    Buffer.from([0xff]),
    Buffer.from([0x0a, 0x7f, 0x01]),
    Buffer.from([0x0a, 0x01, 0xff]),
    Buffer.alloc(99, 0x0b),
  ];

  test.each(malformed.map((bytes) => [bytes.subarray(0, 4).toString('hex'), bytes] as const))(
    'a message that is none (%s) is INVALID_ARGUMENT',
    async (_hex, bytes) => {
      expect(await raw({}, [frame(bytes)])).toMatchObject({
        http: 200,
        grpc: '3',
        message: expect.stringMatching(/^malformed dtmgimp.DtmRequest: /),
      });
    },
  );

  test('random bytes are refused in order', async () => {
    const session = open();
    let seed = 7;
    const random = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
    const answers = await Promise.all(
      Array.from({ length: 300 }, () => {
        const bytes = Buffer.from(Array.from({ length: Math.floor(random() * 60) }, () => Math.floor(random() * 256)));
        return raw(
          { ':path': random() < 0.5 ? usual[':path'] : '/dtmgimp.Dtm/RegisterBranch' },
          [frame(bytes)],
          session,
        );
      }),
    );
    for (const answer of answers) expect(answer).toMatchObject({ http: 200, grpc: '3' });
  });

  test.each([
    ['none', []],
    ['two', [frame(Buffer.alloc(0)), frame(Buffer.alloc(0))]],
    ['a part of one', [frame(Buffer.from('abc')).subarray(0, 6)]],
    ['one and a part', [frame(Buffer.alloc(0)), Buffer.from([0])]],
  ])('%s instead of one is INVALID_ARGUMENT', async (_name, chunks) => {
    expect(await raw({}, chunks)).toMatchObject({ grpc: '3', message: 'the call must hold exactly one message' });
  });

  test('one that is announced as too large is RESOURCE_EXHAUSTED before it comes', async () => {
    const answer = await raw({}, [frame(Buffer.alloc(10), 0, 0xff_ff_ff_ff)]);
    expect(answer).toMatchObject({ grpc: '8', message: 'the message is larger than 100000 bytes' });
  });

  test('one that is too large is RESOURCE_EXHAUSTED while it comes', async () => {
    const chunks = Array.from({ length: 30 }, () => Buffer.alloc(10_000));
    const answer = await raw({}, [frame(Buffer.alloc(0), 0, 300_000), ...chunks]);
    expect(answer).toMatchObject({ grpc: '8' });
  });

  test('gzip is understood, and what grows too large is refused', async () => {
    const gzip = (bytes: Uint8Array): Buffer => frame(gzipSync(bytes), 1);
    const path = { ':path': '/dtmgimp.Dtm/NewGid', 'grpc-encoding': 'gzip' };
    expect(await raw(path, [gzip(Buffer.alloc(0))])).toMatchObject({ grpc: '0' });
    expect(await raw(path, [gzip(Buffer.alloc(5_000_000))])).toMatchObject({ grpc: '8' });
    expect(await raw(path, [frame(Buffer.from('no gzip'), 1)])).toMatchObject({ grpc: '13' });
    expect(await raw({ ...path, 'grpc-encoding': 'br' }, [gzip(Buffer.alloc(0))])).toMatchObject({ grpc: '12' });
    expect(await raw({ ':path': path[':path'] }, [gzip(Buffer.alloc(0))])).toMatchObject({ grpc: '13' });
  });
});

describe('memory', () => {
  test('packed messages that grow much are unpacked a few at a time', async () => {
    const large = await TestServer.start();
    const session = connect(`http://${large.grpcAddress}`);
    const bomb = frame(gzipSync(Buffer.alloc(16 * 1024 * 1024)), 1);
    const before = process.memoryUsage().rss;
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 5);
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => raw({ 'grpc-encoding': 'gzip' }, [bomb], session)),
    );
    clearInterval(watch);
    expect(new Set(answers.map(({ grpc }) => grpc))).toEqual(new Set(['3']));
    expect(most - before).toBeLessThan(800_000_000);
    session.destroy();
    await large.close();
  });

  test('whoever asks and takes no answers is not heard any more', async () => {
    const session = connect(`http://${server.grpcAddress}`, { settings: { initialWindowSize: 0 } });
    session.on('error', () => undefined);
    sessions.push(session);
    const stream = session.request({
      ...usual,
      ':path': '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
    });
    stream.on('error', () => undefined);
    const symbol = Buffer.from('dtmgimp.Dtm');
    const questions = Buffer.concat(
      Array.from({ length: 2_000 }, () => frame(Buffer.concat([Buffer.from([0x22, symbol.length]), symbol]))),
    );
    let written = 0;
    for (; written < 200; written += 1) {
      if (stream.write(questions)) continue;
      const drained = await Promise.race([
        new Promise((resolve) => stream.once('drain', () => resolve(true))),
        new Promise((resolve) => setTimeout(resolve, 500, false)),
      ]);
      if (drained === false) break;
    }
    expect(written).toBeLessThan(200);
  });
});

describe('metadata', () => {
  test('a malformed timeout is INVALID_ARGUMENT', async () => {
    expect(await raw({ 'grpc-timeout': 'soon' }, [frame(Buffer.alloc(0))])).toMatchObject({ grpc: '3' });
  });

  test('a huge block of headers ends its own stream or connection', async () => {
    const headers = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`x-${index}`, 'v'.repeat(2_000)]));
    const answer = await raw({ ...headers, ':path': '/dtmgimp.Dtm/NewGid' }, [frame(Buffer.alloc(0))]);
    expect(answer.grpc).not.toBe('0');
  });

  test('very many headers end their own stream', async () => {
    const headers = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`x-${index}`, 'v']));
    const answer = await raw({ ...headers, ':path': '/dtmgimp.Dtm/NewGid' }, [frame(Buffer.alloc(0))]);
    expect(answer.grpc).not.toBe('0');
  });
});

describe('clients that do not go on', () => {
  test('calls that never end are cut off after their time', async () => {
    const impatient = new GrpcServer({
      methods: new Map([['/a.B/C', { kind: 'unary', answer: () => Promise.resolve(new Uint8Array()) }]]),
      tls: undefined,
      messageBytesMax: 1_000,
      callMsMax: 100,
      served: () => undefined,
      failed: () => undefined,
    });
    const port = await impatient.listen({ host: '127.0.0.1', port: 0 });
    const session = connect(`http://127.0.0.1:${port}`);
    const stream = session.request({ ...usual, ':path': '/a.B/C' });
    for (const end of [session, stream]) end.on('error', () => undefined);
    stream.write(Buffer.from([0, 0]));
    const headers = await new Promise<Readonly<Record<string, unknown>>>((resolve) => stream.on('response', resolve));
    expect(headers['grpc-status']).toBe('4');
    await impatient.close(1_000);
  });

  test('thousands of open calls take no place from others', async () => {
    let closed = 0;
    for (let count = 0; count < 4; count += 1) {
      const session = open();
      for (let index = 0; index < 1_000; index += 1) {
        const stream = session.request(usual);
        stream.on('error', () => undefined).on('close', () => (closed += 1));
        stream.write(Buffer.from([0]));
      }
    }
    expect(await neighbour.dtm('NewGid')).toMatchObject({ code: status.OK });
    // None of them had to end first.
    expect(closed).toBe(0);
  });

  test('callers that reset every stream at once end their own connection at worst', async () => {
    const session = open();
    for (let index = 0; index < 3_000; index += 1) {
      if (session.destroyed || session.closed) break;
      const stream = session.request(usual);
      stream.on('error', () => undefined);
      stream.close(constants.NGHTTP2_CANCEL);
      if (index % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  });

  test('a caller that leaves in the middle of a call is no fault', async () => {
    const session = open();
    const stream = session.request(usual);
    stream.on('error', () => undefined);
    stream.write(frame(Buffer.alloc(10_000), 0, 20_000));
    await new Promise((resolve) => stream.write(Buffer.alloc(1), resolve));
    session.destroy();
  });
});
