/**
 * One call as the server sees it, from its headers to its status.
 *
 * 1. Every call that is gRPC ends with a status, whatever is wrong with it; what is no gRPC gets a status of HTTP.
 * 2. A call holds memory for one message, and for a limited time: whoever never finishes sending, or never takes the answer,
 *    is cut off.
 * 3. What a method throws is the caller's to see only as a code and a message.
 */
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { ErrorCode } from '@tandem/protocol';
import type { ByteBudget } from '../bytes/byte-budget.js';
import { CallOutput } from './call-output.js';
import { faultCodeOf, GrpcStatusError, statusOf } from './error-status.js';
import type { CallContext, Method, Methods, StreamMethod, UnaryMethod } from './method.js';
import type { MessageUnpacker } from './message-unpacker.js';
import { parseCallTimeout } from './wire/call-timeout.js';
import { MessageReader, type FramedMessage } from './wire/message-frames.js';
import { statusCode, type GrpcStatus } from './wire/status-code.js';

export interface CallOptions {
  readonly methods: Methods;
  readonly messageBytesMax: number;
  readonly budget: ByteBudget;
  readonly unpacker: MessageUnpacker;
  /** Longest time for a request to arrive and its answer to be taken, in ms; of a stream: between two messages. */
  readonly callMsMax: number;
  /** Told after each answer; an unknown path is "other". */
  readonly served: (path: string, code: number, durationMs: number) => void;
  /** Told of an error that is not the caller's. */
  readonly failed: (error: unknown, code: ErrorCode, path: string) => void;
}

const contentTypes = /^application\/grpc(\+proto)?($|[\s;])/i;

/** A call that is being served. */
export class IncomingCall {
  readonly #stream: ServerHttp2Stream;
  readonly #headers: IncomingHttpHeaders;
  readonly #options: CallOptions;
  readonly #output: CallOutput;
  readonly #reader: MessageReader;
  readonly #startedAt = performance.now();
  #budgeted = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, options: CallOptions) {
    this.#stream = stream;
    this.#headers = headers;
    this.#options = options;
    this.#output = new CallOutput(stream);
    this.#reader = new MessageReader(options.messageBytesMax);
    stream.on('error', () => undefined);
    stream.once('close', () => {
      clearTimeout(this.#timer);
      this.#giveBack();
    });
  }

  serve(): void {
    const path = this.#headers[':path'] ?? '';
    if (this.#headers[':method'] !== 'POST') this.#output.refuseHttp(405);
    else if (!contentTypes.test(this.#headers['content-type'] ?? '')) this.#output.refuseHttp(415);
    else this.#serve(path, this.#options.methods.get(path));
  }

  /** Ends a call that takes several messages; a unary one ends by itself soon. */
  shutDown(): void {
    if (this.#shutDown !== undefined) this.#shutDown();
  }

  #shutDown: (() => void) | undefined;

  #serve(path: string, method: Method | undefined): void {
    const timeout = this.#headers['grpc-timeout'];
    const timeoutMs = typeof timeout === 'string' ? parseCallTimeout(timeout) : undefined;
    if (method === undefined) {
      this.#end('other', { code: statusCode.unimplemented, message: `there is no method ${path.slice(0, 200)}` });
    } else if (timeout !== undefined && timeoutMs === undefined) {
      this.#end(path, { code: statusCode.invalidArgument, message: 'malformed grpc-timeout' });
    } else if (!['identity', 'gzip', ''].includes(this.#encoding)) {
      this.#end(path, {
        code: statusCode.unimplemented,
        message: `messages may be compressed by gzip, not by ${this.#encoding.slice(0, 40)}`,
        trailers: { 'grpc-accept-encoding': 'identity,gzip' },
      });
    } else if (method.kind === 'unary') this.#serveUnary(path, method, { metadata: this.#headers, timeoutMs });
    else this.#serveStream(path, method);
  }

  get #encoding(): string {
    const encoding = this.#headers['grpc-encoding'];
    return typeof encoding === 'string' ? encoding.toLowerCase() : '';
  }

  #serveUnary(path: string, method: UnaryMethod, call: CallContext): void {
    let request: FramedMessage | undefined;
    let count = 0;
    this.#armTimer(path);
    this.#stream.on('data', (chunk: Buffer) => {
      for (const message of this.#read(path, chunk)) {
        request = message;
        count += 1;
      }
    });
    this.#stream.once('end', () => {
      if (this.#output.hasEnded) return;
      if (request === undefined || count !== 1 || this.#reader.isInMessage) {
        this.#end(path, { code: statusCode.invalidArgument, message: 'the call must hold exactly one message' });
        return;
      }
      void this.#answer(path, method, request, call);
    });
  }

  /** Never rejects: every error is a status. */
  async #answer(path: string, method: UnaryMethod, request: FramedMessage, call: CallContext): Promise<void> {
    try {
      const bytes = request.isCompressed ? await this.#unpack(request.bytes) : request.bytes;
      const reply = await method.answer(bytes, call);
      this.#output.reply(reply);
      this.#served(path, statusCode.ok);
    } catch (error) {
      this.#fail(path, error);
    }
  }

  async #unpack(packed: Buffer): Promise<Buffer> {
    const bytes = await this.#options.unpacker.unpack(packed, this.#encoding);
    this.#take(bytes.length);
    return bytes;
  }

  #serveStream(path: string, method: StreamMethod): void {
    const end = (status?: GrpcStatus): void => {
      // What was answered is still to be taken.
      this.#armTimer(path);
      this.#end(path, status);
    };
    const opened = method.open({
      send: (message) => {
        this.#output.send(message);
      },
      end,
    });
    this.#shutDown = () => {
      end({ code: statusCode.unavailable, message: 'this server is shutting down' });
    };
    this.#armTimer(path);
    this.#stream.once('close', () => {
      opened.closed();
    });
    this.#stream.once('end', () => {
      clearTimeout(this.#timer);
      opened.ended();
    });
    this.#stream.on('data', (chunk: Buffer) => {
      this.#armTimer(path);
      for (const message of this.#read(path, chunk)) this.#giveMessage(path, opened, message);
      this.#giveBack();
      this.#waitForReader();
    });
  }

  /** Whoever asks and does not take the answers is not heard until they are taken: they wait in memory. */
  #waitForReader(): void {
    if (!this.#stream.writableNeedDrain) return;
    this.#stream.pause();
    this.#stream.once('drain', () => this.#stream.resume());
  }

  #giveMessage(path: string, opened: { message(request: Uint8Array): void }, message: FramedMessage): void {
    try {
      if (message.isCompressed) {
        throw new GrpcStatusError({ code: statusCode.unimplemented, message: 'send it uncompressed' });
      }
      opened.message(message.bytes);
    } catch (error) {
      this.#fail(path, error);
    }
  }

  #read(path: string, chunk: Buffer): readonly FramedMessage[] {
    if (this.#output.hasEnded) return [];
    try {
      this.#take(chunk.length);
      return this.#reader.push(chunk);
    } catch (error) {
      this.#fail(path, error);
      return [];
    }
  }

  #take(bytes: number): void {
    // What a call that has closed takes nobody would give back.
    if (this.#stream.destroyed) return;
    this.#options.budget.take(bytes);
    this.#budgeted += bytes;
  }

  #giveBack(): void {
    this.#options.budget.giveBack(this.#budgeted);
    this.#budgeted = 0;
  }

  #armTimer(path: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#end(path, { code: statusCode.deadlineExceeded, message: 'the call took too long' });
      this.#stream.close();
    }, this.#options.callMsMax);
  }

  #fail(path: string, error: unknown): void {
    const code = faultCodeOf(error);
    // A caller that went away meanwhile is nobody's fault, and a fault of ours is one even then.
    if (code !== undefined) this.#options.failed(error, code, path);
    this.#end(path, statusOf(error));
  }

  #end(path: string, status?: GrpcStatus): void {
    if (this.#output.hasEnded) return;
    this.#output.end(status);
    this.#served(path, status?.code ?? statusCode.ok);
  }

  #served(path: string, code: number): void {
    this.#options.served(path, code, performance.now() - this.#startedAt);
  }
}
