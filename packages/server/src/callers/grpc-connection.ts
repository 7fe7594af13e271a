/**
 * One HTTP/2 connection to one address of a target, and the calls on it.
 *
 * 1. It takes calls while it connects; they wait in it, and end as `unsent` when it never comes up.
 * 2. After GOAWAY it takes no further calls, and those that it has may end.
 * 3. A call that found no answer in time makes it ask whether the peer is still there; without an answer it ends.
 */
import {
  connect as connectHttp2,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type OutgoingHttpHeaders,
  type Settings,
} from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext } from 'node:tls';
import { showEndpoint, type GrpcEndpoint } from './grpc-address.js';
import { describeCallFault } from './call-fault.js';
import { GrpcExchange, type GrpcEnd } from './grpc-exchange.js';

/** Where a connection goes: an address, and the name by which it is called. */
export interface GrpcPeer {
  readonly address: string;
  readonly endpoint: GrpcEndpoint;
  /** Undefined: no TLS. */
  readonly tls: SecureContext | undefined;
}

/** What a connection tells, each at most once. */
export interface ConnectionEvents {
  opened(): void;
  /** It takes no further calls. `hasFailed`: it never came up. */
  gone(hasFailed: boolean): void;
}

const connectMs = 5_000;
const idleMs = 5 * 60_000;
const pingMs = 5_000;
const keepAliveMs = 30_000;
const windowBytes = 1024 * 1024;
const streamsUntilToldOtherwise = 100;

export class GrpcConnection {
  readonly #session: ClientHttp2Session;
  readonly #socket: Socket;
  #state: 'connecting' | 'open' | 'leaving' = 'connecting';
  #open = 0;
  #streamsMax = streamsUntilToldOtherwise;
  #error: Error | undefined;
  #wasConnected = false;
  #isAsked = false;

  constructor(peer: GrpcPeer, on: ConnectionEvents) {
    const { endpoint, tls } = peer;
    this.#socket = socketTo(peer);
    // Before the session's own listener, which ends the calls: they are to say why.
    this.#socket.once('error', (error) => {
      this.#error = error;
    });
    this.#session = connectHttp2(`${tls === undefined ? 'http' : 'https'}://${showEndpoint(endpoint)}`, {
      createConnection: () => this.#socket,
      settings: { enablePush: false, initialWindowSize: windowBytes },
    });
    const timer = setTimeout(() => {
      this.#error = new Error('connecting timed out');
      this.#session.destroy(this.#error);
    }, connectMs);
    const leave = (): void => {
      clearTimeout(timer);
      if (this.#state === 'leaving') return;
      const hasFailed = this.#state === 'connecting';
      this.#state = 'leaving';
      on.gone(hasFailed);
    };
    this.#session.once('connect', () => {
      this.#wasConnected = true;
    });
    this.#session.once('remoteSettings', ({ maxConcurrentStreams }: Settings) => {
      clearTimeout(timer);
      if (this.#state === 'connecting') {
        this.#state = 'open';
        on.opened();
      }
      this.#streamsMax = Math.max(1, maxConcurrentStreams ?? streamsUntilToldOtherwise);
      this.#session.setLocalWindowSize(windowBytes);
    });
    this.#session.on('error', (error: Error) => {
      this.#error ??= error;
    });
    this.#session.on('goaway', leave);
    this.#session.on('close', leave);
    this.#session.setTimeout(idleMs, () => {
      if (this.#open > 0) return;
      leave();
      this.#session.close();
    });
  }

  /** Calls under way. */
  get load(): number {
    return this.#open;
  }

  get hasRoom(): boolean {
    return this.#open < this.#streamsMax;
  }

  /** Sends one call; answers how to give it up. */
  call(headers: OutgoingHttpHeaders, frame: Buffer, answerBytesMax: number, ended: (end: GrpcEnd) => void): () => void {
    if (this.#session.closed || this.#session.destroyed) {
      ended({ kind: 'unsent', reason: this.#reason() });
      return () => undefined;
    }
    const stream = this.#openStream(headers, ended);
    if (stream === undefined) return () => undefined;
    this.#open += 1;
    stream.once('close', () => {
      this.#open -= 1;
    });
    const exchange = new GrpcExchange(stream, answerBytesMax, (end) => {
      // Frames wait in the session until the socket is connected.
      ended(end.kind === 'failed' && !this.#wasConnected ? { kind: 'unsent', reason: this.#reason() } : end);
    });
    exchange.send(frame);
    return () => {
      exchange.abandon();
    };
  }

  /** Asks the peer for a sign of life. */
  askForLife(): void {
    if (this.#isAsked || this.#session.destroyed || this.#state !== 'open') return;
    this.#isAsked = true;
    const timer = setTimeout(() => {
      this.#session.destroy(new Error('the connection is dead'));
    }, pingMs);
    timer.unref();
    this.#session.ping(() => {
      clearTimeout(timer);
      this.#isAsked = false;
    });
  }

  /** Lets the calls under way end. */
  close(): void {
    this.#session.close();
  }

  destroy(): void {
    this.#session.destroy();
  }

  /** Node throws for headers that HTTP/2 cannot carry: such a call fails, and nothing else. */
  #openStream(headers: OutgoingHttpHeaders, ended: (end: GrpcEnd) => void): ClientHttp2Stream | undefined {
    try {
      return this.#session.request(headers);
    } catch (error) {
      ended({ kind: 'unsendable', error });
      return undefined;
    }
  }

  #reason(): string {
    return this.#error === undefined ? 'the connection was closed' : describeCallFault(this.#error);
  }
}

function socketTo({ address, endpoint, tls }: GrpcPeer): Socket {
  const common = { host: address, port: endpoint.port, noDelay: true, keepAlive: true };
  if (tls === undefined) {
    const socket = connectTcp(common);
    socket.setKeepAlive(true, keepAliveMs);
    return socket;
  }
  const socket = connectTls({
    ...common,
    secureContext: tls,
    ...(address !== endpoint.host && { servername: endpoint.host }),
    ALPNProtocols: ['h2'],
  });
  socket.once('secureConnect', () => {
    if (socket.alpnProtocol !== 'h2') socket.destroy(new Error('the server does not speak HTTP/2 over TLS'));
  });
  return socket;
}
