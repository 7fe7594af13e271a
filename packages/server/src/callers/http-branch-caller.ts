/**
 * Calls participants over HTTP/1.1, and by JSON-RPC where the transaction's protocol and the URL say so.
 *
 * 1. One timer covers the whole call: connecting, waiting and reading. What took longer reads as unknown.
 * 2. Redirects are never followed, not even to the same host: a 3xx reads as unknown and says so.
 * 3. At most `answerBytesMax` of an answer is read; a longer one reads as unknown.
 * 4. A kept connection that turns out to be closed before any byte of the answer came costs one immediate repeat on a new
 *    connection. The participant may see the call twice, as it may after any lost answer: calls are made at least once.
 */
import type { BranchCall, BranchCaller } from '@tandem/coordinator';
import { readHttpAnswer, readJsonRpcAnswer, type BranchResult } from '@tandem/protocol';
import { parseBranchAddress, type BranchAddress } from './branch-address.js';
import { describeCallFault, isClosedByPeer } from './call-fault.js';
import { HttpExchange, type ExchangeEnd } from './http-exchange.js';
import { requestOf, type HttpRequest } from './http-request.js';
import { OriginConnections, type Connection } from './origin-connections.js';
import { RecentMap } from './recent-map.js';

export interface HttpCallerOptions {
  readonly answerMode: 'strict' | 'compatible';
  readonly answerBytesMax: number;
  readonly connectionsPerTargetMax: number;
}

const addressesKept = 20_000;
const originsKept = 2_000;
const connectTimeoutMs = 5_000;
const idleMs = 4_000;
// A longer timer would fire at once: Node keeps its delay in 31 bits.
const timerMsMax = 2 ** 31 - 1;

type Answer = (result: BranchResult) => void;

/** The caller for `http://` and `https://`. */
export class HttpBranchCaller implements BranchCaller {
  readonly #options: HttpCallerOptions;
  readonly #addresses = new RecentMap<BranchAddress>(addressesKept);
  // One that is forgotten ends its calls before it closes; nobody waits for that.
  readonly #origins = new RecentMap<OriginConnections>(originsKept, (forgotten) => void forgotten.close());

  constructor(options: HttpCallerOptions) {
    this.#options = options;
  }

  call(call: BranchCall): ReturnType<BranchCaller['call']> {
    let answer: Answer = () => undefined;
    const result = new Promise<BranchResult>((resolve) => {
      answer = resolve;
    });
    return { result, cancel: this.#start(call, answer) };
  }

  targetOf(url: string): string {
    return this.#addressOf(url).origin;
  }

  /** Drops the calls under way: they read as unknown. */
  async close(): Promise<void> {
    await Promise.all(this.#origins.values().map((origin) => origin.destroy()));
  }

  #addressOf(url: string): BranchAddress {
    const known = this.#addresses.get(url);
    if (known !== undefined) return known;
    const address = parseBranchAddress(url);
    this.#addresses.set(url, address);
    return address;
  }

  #connectionsTo(origin: string): OriginConnections {
    const known = this.#origins.get(origin);
    if (known !== undefined) return known;
    const connections = new OriginConnections(origin, {
      connectionsMax: this.#options.connectionsPerTargetMax,
      connectTimeoutMs,
      idleMs,
    });
    this.#origins.set(origin, connections);
    return connections;
  }

  #start(call: BranchCall, answer: Answer): () => void {
    let address: BranchAddress;
    let request: HttpRequest;
    try {
      address = this.#addressOf(call.url);
      request = requestOf(call, address);
    } catch (error) {
      answer({ kind: 'unknown', reason: describeCallFault(error) });
      return () => undefined;
    }
    const connections = this.#connectionsTo(address.origin);
    const connection = connections.acquire();
    if (connection === undefined) {
      answer({ kind: 'unknown', reason: `all connections to ${address.origin} are in use`, isUnreachable: true });
      return () => undefined;
    }
    return this.#exchange({ call, request, connections, connection }, answer);
  }

  #exchange(route: Route, answer: Answer): () => void {
    const { connections, connection } = route;
    let exchange: HttpExchange;
    let isGivenUp = false;
    const settle = (result: BranchResult): void => {
      clearTimeout(timer);
      answer(result);
    };
    const giveUp = (reason: string): void => {
      isGivenUp = true;
      settle({ kind: 'unknown', reason, isUnreachable: true });
      exchange.abandon();
    };
    const timeoutMs = Math.min(route.call.timeoutMs, timerMsMax);
    const timer = setTimeout(() => {
      giveUp(`no complete answer within ${String(timeoutMs)} ms`);
    }, timeoutMs);
    const last = (end: ExchangeEnd): void => {
      connections.release(connection);
      if (end.kind === 'answered') connection.hasAnswered = true;
      settle(this.#read(end, route.request));
    };
    const first = (end: ExchangeEnd): void => {
      if (isGivenUp || !connection.hasAnswered || !wasStale(end)) {
        last(end);
        return;
      }
      // Its socket is gone, so the same client opens a new one; not before undici is done with the old one.
      exchange = new HttpExchange(this.#options.answerBytesMax, last);
      setImmediate(() => connection.client.dispatch(route.request, exchange));
    };
    exchange = new HttpExchange(this.#options.answerBytesMax, first);
    connection.client.dispatch(route.request, exchange);
    return () => {
      giveUp('the call was given up');
    };
  }

  #read(end: ExchangeEnd, { jsonRpcId }: HttpRequest): BranchResult {
    if (end.kind === 'tooLarge') {
      return { kind: 'unknown', reason: `answer of more than ${String(this.#options.answerBytesMax)} bytes` };
    }
    if (end.kind === 'failed') {
      return { kind: 'unknown', reason: describeCallFault(end.error), isUnreachable: !end.hasResponseStarted };
    }
    if (end.status >= 300 && end.status < 400) {
      const reason = `redirects are not followed: ${String(end.status)} to ${end.location.slice(0, 200)}`;
      return { kind: 'unknown', reason };
    }
    if (jsonRpcId !== undefined) return readJsonRpcAnswer({ ...end, id: jsonRpcId }, this.#options.answerMode);
    return readHttpAnswer(end.status, end.contentType, end.body, this.#options.answerMode);
  }
}

function wasStale(end: ExchangeEnd): boolean {
  return end.kind === 'failed' && !end.hasResponseStarted && isClosedByPeer(end.error);
}

interface Route {
  readonly call: BranchCall;
  readonly request: HttpRequest;
  readonly connections: OriginConnections;
  readonly connection: Connection;
}
