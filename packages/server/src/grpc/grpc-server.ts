/**
 * The gRPC server on plain node:http2: takes connections, serves calls, ends well.
 *
 * 1. What a connection may cost is bounded: its streams, its block of headers, its time without a call, its handshake.
 * 2. Nothing that one caller does ends another's call: errors of a session or a stream end there.
 * 3. `close` takes no new calls (clients are told by GOAWAY and go elsewhere), lets those that run end within a grace, then
 *    drops what is left.
 */
import { createSecureServer, createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo, ListenOptions, Socket } from 'node:net';
import { ByteBudget } from '../bytes/byte-budget.js';
import { IncomingCall, type CallOptions } from './incoming-call.js';
import { MessageUnpacker } from './message-unpacker.js';
import type { Methods } from './method.js';

/** What the server shows of itself, and whom it believes; PEM. */
export interface ServerTls {
  readonly certificate: Buffer;
  readonly key: Buffer;
  /** Callers must have a certificate that one of these has signed; undefined: they need none. */
  readonly clientAuthorities: Buffer | undefined;
}

export interface GrpcServerOptions extends Pick<CallOptions, 'messageBytesMax' | 'served' | 'failed'> {
  readonly methods: Methods;
  readonly tls: ServerTls | undefined;
  /** Default: a minute. */
  readonly callMsMax?: number;
}

const connectionsMax = 20_000;
const streamsPerConnectionMax = 1_000;
const headerBytesMax = 64 * 1024;
const headerPairsMax = 200;
const helloMs = 10_000;
const keepAliveMs = 60_000;
// Connections without a call are closed in order; clients open a new one when they need it.
const idleMs = 15 * 60_000;
const lingerMs = 30_000;
const defaultCallMsMax = 60_000;
const arrivingBytesMax = 256 * 1024 * 1024;
// More than the 64 KiB that HTTP/2 begins with, so that a payload of some size needs no round trips.
const windowBytes = 1024 * 1024;

export class GrpcServer {
  readonly #server: Http2Server;
  readonly #callOptions: CallOptions;
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #calls = new Set<IncomingCall>();

  constructor(options: GrpcServerOptions) {
    const budget = new ByteBudget(Math.max(arrivingBytesMax, options.messageBytesMax * 4));
    this.#callOptions = {
      ...options,
      callMsMax: options.callMsMax ?? defaultCallMsMax,
      budget,
      unpacker: new MessageUnpacker(options.messageBytesMax, budget),
    };
    this.#server = open(options.tls);
    this.#server.maxConnections = connectionsMax;
    this.#server.on('connection', (socket: Socket) => {
      socket.setKeepAlive(true, keepAliveMs);
    });
    this.#server.on('session', (session: ServerHttp2Session) => {
      this.#tend(session);
    });
    this.#server.on('stream', (stream, headers) => {
      const call = new IncomingCall(stream, headers, this.#callOptions);
      this.#calls.add(call);
      stream.once('close', () => this.#calls.delete(call));
      call.serve();
    });
    // A connection that fails before it is one, and one that speaks no HTTP/2: both are closed by Node.
    this.#server.on('sessionError', () => undefined);
    this.#server.on('clientError', () => undefined);
  }

  /** Starts to listen; rejects where the address is taken or not allowed. Answers the port. */
  listen(options: ListenOptions): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(options, () => {
        this.#server.removeListener('error', reject);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  /** Takes no more connections and no more calls; lets those that run end within `graceMs`. */
  close(graceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const drop = setTimeout(() => {
        for (const session of this.#sessions) session.destroy();
      }, graceMs);
      this.#server.close(() => {
        clearTimeout(drop);
        resolve();
      });
      for (const call of this.#calls) call.shutDown();
      for (const session of this.#sessions) session.close();
    });
  }

  #tend(session: ServerHttp2Session): void {
    this.#sessions.add(session);
    session.on('error', () => undefined);
    // Opened by something that never speaks.
    const hello = setTimeout(() => {
      session.destroy();
    }, helloMs);
    session.once('remoteSettings', () => {
      clearTimeout(hello);
    });
    session.once('close', () => {
      clearTimeout(hello);
      this.#sessions.delete(session);
    });
    session.setLocalWindowSize(windowBytes);
    session.setTimeout(idleMs, () => {
      session.close();
      setTimeout(() => {
        session.destroy();
      }, lingerMs).unref();
    });
  }
}

function open(tls: ServerTls | undefined): Http2Server {
  const common = {
    settings: {
      maxConcurrentStreams: streamsPerConnectionMax,
      maxHeaderListSize: headerBytesMax,
      initialWindowSize: windowBytes,
    },
    maxHeaderListPairs: headerPairsMax,
  };
  if (tls === undefined) return createServer(common);
  return createSecureServer({
    ...common,
    cert: tls.certificate,
    key: tls.key,
    minVersion: 'TLSv1.2',
    handshakeTimeout: helloMs,
    ...(tls.clientAuthorities !== undefined && {
      ca: tls.clientAuthorities,
      requestCert: true,
      rejectUnauthorized: true,
    }),
  });
}
