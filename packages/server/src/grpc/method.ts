import type { IncomingHttpHeaders } from 'node:http2';

/** What a method may know of its call. */
export interface CallContext {
  readonly metadata: IncomingHttpHeaders;
  /** What the caller's deadline leaves, in ms. */
  readonly timeoutMs: number | undefined;
}

/** One message in, one out. What it throws becomes the call's status. */
export interface UnaryMethod {
  readonly kind: 'unary';
  answer(request: Uint8Array, call: CallContext): Promise<Uint8Array>;
}

/** Where a method that answers with several messages writes them. */
export interface MessageSink {
  send(message: Uint8Array): void;
  /** Ends the call with OK. */
  end(): void;
}

/** A call of a method that takes or gives several messages. */
export interface OpenedStream {
  message(request: Uint8Array): void;
  /** The caller has sent all that it wants to send. */
  ended(): void;
  /** Nobody listens any more. */
  closed(): void;
}

/** Several messages in, out, or both. */
export interface StreamMethod {
  readonly kind: 'stream';
  open(sink: MessageSink): OpenedStream;
}

export type Method = UnaryMethod | StreamMethod;

/** Methods by their path: `/package.Service/Method`. */
export type Methods = ReadonlyMap<string, Method>;
