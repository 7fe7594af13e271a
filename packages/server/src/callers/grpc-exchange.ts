/**
 * One unary call on one HTTP/2 stream. `ended` is told exactly once.
 *
 * A call that the peer cannot have begun to work on (its connection never came up, or it refused the stream) ends as
 * `unsent`: it may go elsewhere at once. All else may have had its effect.
 */
import { constants, type ClientHttp2Stream, type IncomingHttpHeaders, type IncomingHttpStatusHeader } from 'node:http2';
import { decodeStatusMessage } from '../grpc/wire/status-message.js';

/** How one call ended. */
export type GrpcEnd =
  | { readonly kind: 'answered'; readonly code: number; readonly message: string }
  | { readonly kind: 'notGrpc'; readonly reason: string }
  | { readonly kind: 'tooLarge' }
  /** No connection can carry it. */
  | { readonly kind: 'unsendable'; readonly error: unknown }
  | { readonly kind: 'unsent'; readonly reason: string }
  | { readonly kind: 'failed'; readonly error: Error; readonly hasResponseStarted: boolean };

export class GrpcExchange {
  readonly #stream: ClientHttp2Stream;
  readonly #answerBytesMax: number;
  readonly #ended: (end: GrpcEnd) => void;
  #hasEnded = false;
  #hasResponse = false;
  #bytes = 0;
  #error: Error | undefined;

  constructor(stream: ClientHttp2Stream, answerBytesMax: number, ended: (end: GrpcEnd) => void) {
    this.#stream = stream;
    this.#answerBytesMax = answerBytesMax;
    this.#ended = ended;
    stream.on('response', (headers) => {
      this.#response(headers);
    });
    stream.on('trailers', (headers: IncomingHttpHeaders) => {
      this.#status(headers);
    });
    stream.on('data', (chunk: Buffer) => {
      this.#data(chunk);
    });
    stream.on('error', (error: Error) => {
      this.#error = error;
    });
    stream.on('close', () => {
      this.#closed();
    });
  }

  send(frame: Buffer): void {
    this.#stream.end(frame);
  }

  /** Nobody waits any more: the peer is told, and whatever comes is dropped. */
  abandon(): void {
    this.#hasEnded = true;
    this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  #response(headers: IncomingHttpHeaders & IncomingHttpStatusHeader): void {
    this.#hasResponse = true;
    // A status in the head is the whole answer: there is no message.
    if (headers['grpc-status'] !== undefined) {
      this.#status(headers);
      // Some servers end neither their side nor the reading of what is still being sent.
      this.#stream.close(constants.NGHTTP2_CANCEL);
      return;
    }
    const status = headers[':status'] ?? 0;
    const type = headers['content-type'] ?? '';
    if (status !== 200) this.#giveUp({ kind: 'notGrpc', reason: `HTTP ${String(status)} instead of a gRPC answer` });
    else if (!type.startsWith('application/grpc')) {
      this.#giveUp({ kind: 'notGrpc', reason: `content-type "${type.slice(0, 100)}" is no gRPC` });
    }
  }

  #status(headers: IncomingHttpHeaders): void {
    const status = headers['grpc-status'];
    const message = headers['grpc-message'];
    if (typeof status !== 'string' || !/^\d{1,9}$/.test(status)) {
      this.#giveUp({ kind: 'notGrpc', reason: 'the answer ended without a gRPC status' });
      return;
    }
    const text = typeof message === 'string' ? decodeStatusMessage(message) : '';
    this.#end({ kind: 'answered', code: Number(status), message: text });
  }

  /** What a branch answers is not looked at: only that it is not endless. */
  #data(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#answerBytesMax) this.#giveUp({ kind: 'tooLarge' });
  }

  #giveUp(end: GrpcEnd): void {
    this.#end(end);
    this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  #closed(): void {
    if (this.#hasEnded) return;
    const { rstCode } = this.#stream;
    if (rstCode === constants.NGHTTP2_REFUSED_STREAM) {
      this.#end({ kind: 'unsent', reason: 'the server took no more calls on this connection' });
      return;
    }
    const wasClosed = `the stream was closed before the answer was complete (HTTP/2 code ${String(rstCode)})`;
    const error = this.#error ?? new Error(wasClosed);
    this.#end({ kind: 'failed', error, hasResponseStarted: this.#hasResponse });
  }

  #end(end: GrpcEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#ended(end);
  }
}
