import { constants, type ServerHttp2Stream } from 'node:http2';
import { frameMessage } from './wire/message-frames.js';
import type { GrpcStatus } from './wire/status-code.js';
import { encodeStatusMessage } from './wire/status-message.js';

const contentType = 'application/grpc';
const head = { ':status': 200, 'content-type': contentType, 'grpc-accept-encoding': 'identity,gzip' };
const okTrailers = { 'grpc-status': '0' };

/** The answer of one call: messages, then a status, once. What nobody can hear any more is dropped. */
export class CallOutput {
  readonly #stream: ServerHttp2Stream;
  #status: GrpcStatus | undefined;
  #hasEnded = false;

  constructor(stream: ServerHttp2Stream) {
    this.#stream = stream;
  }

  get hasEnded(): boolean {
    return this.#hasEnded || this.#stream.destroyed || this.#stream.closed;
  }

  /** The whole answer of a unary call. */
  reply(message: Uint8Array): void {
    if (this.hasEnded) return;
    this.#hasEnded = true;
    this.#open();
    this.#stream.end(frameMessage(message));
  }

  send(message: Uint8Array): void {
    if (this.hasEnded) return;
    if (!this.#stream.headersSent) this.#open();
    this.#stream.write(frameMessage(message));
  }

  end(status?: GrpcStatus): void {
    if (this.hasEnded) return;
    this.#hasEnded = true;
    this.#status = status;
    if (this.#stream.headersSent) this.#stream.end();
    else if (status === undefined) {
      this.#open();
      this.#stream.end();
    } else {
      this.#stream.respond({ ':status': 200, 'content-type': contentType, ...trailersOf(status) }, { endStream: true });
      this.#stopReading();
    }
  }

  /** For what is no gRPC at all. */
  refuseHttp(status: number): void {
    if (this.hasEnded) return;
    this.#hasEnded = true;
    this.#stream.respond({ ':status': status }, { endStream: true });
    this.#stopReading();
  }

  #open(): void {
    this.#stream.respond(head, { waitForTrailers: true });
    this.#stream.once('wantTrailers', () => {
      this.#stream.sendTrailers(this.#status === undefined ? okTrailers : trailersOf(this.#status));
    });
  }

  /** The caller may still be sending; it is told that nobody wants the rest. */
  #stopReading(): void {
    if (!this.#stream.readableEnded) this.#stream.close(constants.NGHTTP2_NO_ERROR);
  }
}

function trailersOf({ code, message, trailers }: GrpcStatus): Record<string, string> {
  return {
    ...trailers,
    'grpc-status': String(code),
    ...(message !== '' && { 'grpc-message': encodeStatusMessage(message) }),
  };
}
