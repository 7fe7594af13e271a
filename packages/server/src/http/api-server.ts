/**
 * The HTTP server on plain node:http: reads a request, finds its route, answers, and ends well.
 *
 * 1. Every request is answered with JSON, whatever is wrong with it.
 * 2. What a request may cost is bounded: its head, its body, its time, and the number of connections.
 * 3. `close` takes no new connections, serves what comes over those that are open, and closes each after its answer; within a
 *    grace, then it drops what is left.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Server as NetServer, type AddressInfo, type ListenOptions } from 'node:net';
import { TandemError, type ErrorCode } from '@tandem/protocol';
import { ByteBudget } from '../bytes/byte-budget.js';
import { answerClientError } from './client-error.js';
import { errorCodeOf, errorReply, transportErrorReply } from './error-reply.js';
import { errorStatus } from './error-status.js';
import { discardBody, readBody, type BodyLimits } from './read-body.js';
import type { Reply } from './reply.js';
import { Router, type Match } from './router.js';
import type { Method, Route } from './routes.js';

export interface ApiServerOptions {
  readonly routes: readonly Route[];
  readonly bodyBytesMax: number;
  /** Told after each answer; `routeIndex` is the place in `routes`, -1 for a path that has none. */
  readonly served: (routeIndex: number, status: number, durationMs: number) => void;
  /** Told of an error that is not the caller's: the store's, an overload, or a defect of ours. */
  readonly failed: (error: unknown, code: ErrorCode, template: string) => void;
}

const serverLimits = {
  /** Time for the head of a request, in ms. */
  headersTimeout: 10_000,
  /** Time for a whole request to arrive, in ms. */
  requestTimeout: 60_000,
  // Longer than the clients' own (Go: 90 s), so that it is they who close an idle connection and none is lost to a race.
  keepAliveTimeout: 120_000,
  /** Largest head of a request, in bytes. */
  maxHeaderSize: 32 * 1024,
  connectionsCheckingInterval: 5_000,
  // Node's own refusal has no body; ours follows below.
  requireHostHeader: false,
};
const connectionsMax = 20_000;
const sweepMs = 20;
/** How long idle connections of a busy server are spared when it closes; a tenth of its grace at most. */
const spareMsMax = 1_000;
const arrivingBytesMax = 256 * 1024 * 1024;
const emptyQuery = new URLSearchParams();

/** Serves the routes. */
export class ApiServer {
  readonly #options: ApiServerOptions;
  readonly #router: Router;
  readonly #server: Server;
  readonly #bodyLimits: BodyLimits;
  #isClosing = false;
  /** When the last request came. */
  #servedAt = -Infinity;

  constructor(options: ApiServerOptions) {
    this.#options = options;
    this.#router = new Router(options.routes);
    const bytesMax = options.bodyBytesMax;
    this.#bodyLimits = { bytesMax, budget: new ByteBudget(Math.max(arrivingBytesMax, bytesMax * 4)) };
    this.#server = createServer(serverLimits, (request, response) => {
      this.#serve(request, response);
    });
    this.#server.maxConnections = connectionsMax;
    this.#server.on('clientError', answerClientError);
    this.#server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      if (Number(request.headers['content-length'] ?? 0) <= options.bodyBytesMax) response.writeContinue();
      this.#serve(request, response);
    });
    this.#server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
      const reply = transportErrorReply('EXPECTATION_FAILED', 'the only expectation that is met is 100-continue');
      this.#send(request, response, reply);
      options.served(-1, reply.status, 0);
    });
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

  /**
   * Takes no more connections; lets what is being served, and what still comes over connections that are open, end within
   * `graceMs`. Each answer says that its connection closes.
   */
  close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    // A request may be on its way over a connection that was just used: closing it would look like a crash.
    const spareMs = Math.min(spareMsMax, graceMs / 10);
    const sweepsAt = performance.now() < this.#servedAt + spareMs ? performance.now() + spareMs : 0;
    return new Promise((resolve) => {
      // A kept connection is idle once its answer is out; nobody tells when, so they are looked through now and then.
      const sweep = setInterval(() => {
        if (performance.now() >= sweepsAt) this.#server.closeIdleConnections();
      }, sweepMs);
      const drop = setTimeout(() => {
        this.#server.closeAllConnections();
      }, graceMs);
      const closed = (): void => {
        clearInterval(sweep);
        clearTimeout(drop);
        this.#server.close();
        resolve();
      };
      // Connections that wait to be accepted would be reset: right after a look at the network there are the fewest.
      setImmediate(() => {
        // Node's own close of an HTTP server drops idle connections at once.
        NetServer.prototype.close.call(this.#server, closed);
      });
    });
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const startedAt = performance.now();
    this.#servedAt = startedAt;
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    const match = this.#router.match(mark === -1 ? url : url.slice(0, mark));
    const query = mark === -1 ? emptyQuery : new URLSearchParams(url.slice(mark + 1));
    void this.#answer(request, match, query).then((reply) => {
      this.#send(request, response, reply);
      this.#options.served(match?.index ?? -1, reply.status, performance.now() - startedAt);
    });
  }

  /** Never rejects: every error is an answer. */
  async #answer(request: IncomingMessage, match: Match | undefined, query: URLSearchParams): Promise<Reply> {
    if (match === undefined) return transportErrorReply('PATH_NOT_FOUND', 'there is no such path');
    const { route, tail } = match;
    const method = request.method === 'HEAD' && route.isChangedByGet !== true ? 'GET' : request.method;
    const endpoint = route.methods[method as Method];
    if (endpoint === undefined) return methodNotAllowed(route);
    let body: unknown;
    try {
      if (request.headers.host === undefined && request.httpVersion === '1.1') {
        throw new TandemError('INVALID_REQUEST', 'the Host header is missing');
      }
      if (method === 'POST') body = await readBody(request, this.#bodyLimits);
      return await endpoint({ query, body, headers: request.headers, tail });
    } catch (error) {
      const code = errorCodeOf(error);
      // A caller that went away in the middle of its body is nobody's fault.
      if (errorStatus[code].dtmResult === 'ERROR' && !request.destroyed) {
        this.#options.failed(error, code, route.template);
      }
      return (route.errorReply ?? errorReply)(error, body);
    }
  }

  #send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
    const isUnread = !request.complete;
    const headers: Record<string, string | number> = {};
    if (reply.status !== 204) {
      headers['content-type'] = reply.contentType;
      headers['content-length'] = Buffer.byteLength(reply.body);
    }
    if (reply.headers !== undefined) Object.assign(headers, reply.headers);
    if (isUnread || this.#isClosing) headers['connection'] = 'close';
    response.writeHead(reply.status, headers);
    if (!isUnread) {
      response.end(reply.body);
      return;
    }
    // Closing while the caller still sends would reset the connection before it has read the answer.
    response.write(reply.body);
    discardBody(request, () => response.end());
  }
}

function methodNotAllowed({ methods, template, isChangedByGet }: Route): Reply {
  const isHeadServed = methods.GET !== undefined && isChangedByGet !== true;
  const allowed = [...Object.keys(methods), ...(isHeadServed ? ['HEAD'] : [])].join(', ');
  const reply = transportErrorReply('METHOD_NOT_ALLOWED', `${template} takes ${allowed}`);
  return { ...reply, headers: { allow: allowed } };
}
