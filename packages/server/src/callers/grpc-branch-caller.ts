/**
 * Calls participants by gRPC: unary, plain `application/grpc`, the payload's bytes as they are, the transaction's names in
 * metadata.
 *
 * 1. One timer covers the whole call: resolving, connecting, waiting. What took longer reads as unknown, and the peer, who was
 *    told the time by `grpc-timeout`, is told that nobody waits.
 * 2. The status alone says how a branch ended. Its message is not looked at; more than `answerBytesMax` of it reads as unknown.
 */
import { createSecureContext, type SecureContext } from 'node:tls';
import type { BranchCall, BranchCaller } from '@tandem/coordinator';
import { encodeUtf8, readGrpcAnswer, type BranchResult } from '@tandem/protocol';
import { frameMessage } from '../grpc/wire/message-frames.js';
import { describeCallFault } from './call-fault.js';
import { parseGrpcAddress, showEndpoint, type GrpcAddress } from './grpc-address.js';
import { GrpcChannel, type ChannelCall } from './grpc-channel.js';
import type { GrpcEnd } from './grpc-exchange.js';
import { metadataOf } from './grpc-metadata.js';
import { RecentMap } from './recent-map.js';

/** Whom secure targets are believed by, and what is shown to them; PEM. */
export interface CallerTls {
  /** Undefined: the authorities that Node knows. */
  readonly authorities: Buffer | undefined;
  readonly certificate: Buffer | undefined;
  readonly key: Buffer | undefined;
}

export interface GrpcCallerOptions {
  readonly answerBytesMax: number;
  readonly tls: CallerTls;
  /** Use TLS where a URL has no scheme that says so. */
  readonly isSecureByDefault: boolean;
}

const addressesKept = 20_000;
const channelsKept = 2_000;
// A longer timer would fire at once: Node keeps its delay in 31 bits.
const timerMsMax = 2 ** 31 - 1;

/** The caller for gRPC branches. */
export class GrpcBranchCaller implements BranchCaller {
  readonly #options: GrpcCallerOptions;
  readonly #addresses = new RecentMap<RoutedAddress>(addressesKept);
  // One that is forgotten lets its calls end.
  readonly #channels = new RecentMap<GrpcChannel>(channelsKept, (forgotten) => {
    forgotten.close();
  });
  readonly #secure: SecureContext;

  /** Throws where the certificates cannot be used. */
  constructor(options: GrpcCallerOptions) {
    this.#options = options;
    this.#secure = secureContext(options.tls);
  }

  call(call: BranchCall): ReturnType<BranchCaller['call']> {
    let cancel = (): void => undefined;
    const result = new Promise<BranchResult>((resolve) => {
      cancel = this.#start(call, resolve);
    });
    return { result, cancel };
  }

  targetOf(url: string): string {
    return this.#addressOf(url).address.target;
  }

  /** Drops the calls under way: they read as unknown. */
  close(): Promise<void> {
    for (const channel of this.#channels.values()) channel.destroy();
    return Promise.resolve();
  }

  #start(call: BranchCall, answer: (result: BranchResult) => void): () => void {
    let routed: RoutedAddress;
    let channel: GrpcChannel;
    try {
      routed = this.#addressOf(call.url);
      channel = this.#channelTo(routed.address);
    } catch (error) {
      answer({ kind: 'unknown', reason: describeCallFault(error) });
      return () => undefined;
    }
    const payload = typeof call.payload === 'string' ? encodeUtf8(call.payload) : call.payload;
    const headers = metadataOf(call, routed.authority, routed.address.path);
    const out: { call?: ChannelCall } = {};
    const giveUp = (reason: string, isLate: boolean): void => {
      clearTimeout(timer);
      out.call?.cancel(isLate);
      answer({ kind: 'unknown', reason, isUnreachable: true });
    };
    const timeoutMs = Math.min(call.timeoutMs, timerMsMax);
    const timer = setTimeout(() => {
      giveUp(`no complete answer within ${String(timeoutMs)} ms`, true);
    }, timeoutMs);
    out.call = channel.call(headers, frameMessage(payload), (end) => {
      clearTimeout(timer);
      answer(readEnd(end, this.#options.answerBytesMax));
    });
    return () => {
      giveUp('the call was given up', false);
    };
  }

  #addressOf(url: string): RoutedAddress {
    const known = this.#addresses.get(url);
    if (known !== undefined) return known;
    const address = parseGrpcAddress(url, this.#options.isSecureByDefault);
    const [first] = address.endpoints;
    const routed = { address, authority: first === undefined ? '' : showEndpoint(first) };
    this.#addresses.set(url, routed);
    return routed;
  }

  #channelTo({ target, isSecure, endpoints }: GrpcAddress): GrpcChannel {
    const known = this.#channels.get(target);
    if (known !== undefined) return known;
    const tls = isSecure ? this.#secure : undefined;
    const channel = new GrpcChannel({ endpoints, tls, answerBytesMax: this.#options.answerBytesMax });
    this.#channels.set(target, channel);
    return channel;
  }
}

function secureContext({ authorities, certificate, key }: CallerTls): SecureContext {
  return createSecureContext({
    minVersion: 'TLSv1.2',
    ...(authorities !== undefined && { ca: authorities }),
    ...(certificate !== undefined && { cert: certificate }),
    ...(key !== undefined && { key }),
  });
}

interface RoutedAddress {
  readonly address: GrpcAddress;
  readonly authority: string;
}

function readEnd(end: GrpcEnd, answerBytesMax: number): BranchResult {
  switch (end.kind) {
    case 'answered':
      return readGrpcAnswer(end.code, end.message);
    case 'notGrpc':
      return { kind: 'unknown', reason: end.reason };
    case 'tooLarge':
      return { kind: 'unknown', reason: `answer of more than ${String(answerBytesMax)} bytes` };
    case 'unsendable':
      return { kind: 'unknown', reason: describeCallFault(end.error) };
    case 'unsent':
      return { kind: 'unknown', reason: end.reason, isUnreachable: true };
    case 'failed':
      return { kind: 'unknown', reason: describeCallFault(end.error), isUnreachable: !end.hasResponseStarted };
  }
}
