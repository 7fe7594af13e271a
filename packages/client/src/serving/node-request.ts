/**
 * Between `node:http` and fetch handlers: what every framework on Node hands on.
 *
 * A framework may have read the body before. Then the bytes that it kept count (`rawBody`), and else what it made of them, as
 * JSON again: the handler reads the same payload in either case.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from '../branch/branch-handler.js';

/** What a framework knows of a request beside its stream. */
export interface Incoming {
  readonly message: IncomingMessage;
  /** The path as the client asked for it: a router may have cut `message.url`. */
  readonly url?: string | undefined;
  /** What a body parser left. */
  readonly parsed?: unknown;
  /** The bytes or the text before parsing, where the parser keeps them. */
  readonly raw?: unknown;
}

export const defaultBodyBytesMax = 4 * 1024 * 1024;

/** Calls the handler; answers 413 for a body over the limit, 500 for one that somebody else has used up. */
export async function answerTo(handler: RequestHandler, incoming: Incoming, bodyBytesMax: number): Promise<Response> {
  const { message } = incoming;
  const body = await bodyOf(incoming, bodyBytesMax);
  if (body === 'tooLarge') return Response.json({ message: 'the body is too large' }, { status: 413 });
  if (body === 'lost') {
    const told = 'something has read the body before the branch, and left nothing of it: mount the branch before it';
    return Response.json({ code: 'INVALID_PAYLOAD', message: told }, { status: 500 });
  }
  const method = message.method ?? 'GET';
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const url = new URL(incoming.url ?? message.url ?? '/', `http://${message.headers.host ?? 'localhost'}`);
  return handler(new Request(url, { method, headers: headersOf(message), ...(hasBody && { body }) }));
}

export async function send(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}

type Bytes = Uint8Array<ArrayBuffer>;

async function bodyOf(incoming: Incoming, bytesMax: number): Promise<Bytes | 'tooLarge' | 'lost'> {
  const { message, parsed, raw } = incoming;
  if (isBody(raw)) return bytesOf(raw);
  // What parsers leave in `body` for a request without one differs; the stream tells whether there was one.
  if (!message.readableDidRead) return message.readableEnded ? new Uint8Array() : readBody(message, bytesMax);
  return parsed === undefined ? 'lost' : bytesOfParsed(parsed, message.headers['content-type'] ?? '');
}

async function readBody(message: IncomingMessage, bytesMax: number): Promise<Bytes | 'tooLarge'> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes <= bytesMax) chunks.push(chunk);
  }
  return bytes > bytesMax ? 'tooLarge' : new Uint8Array(Buffer.concat(chunks));
}

/** A text is a JSON value where the body said that it is JSON, and the body itself where not. */
function bytesOfParsed(parsed: unknown, contentType: string): Bytes {
  const isValue = typeof parsed === 'string' && /^application\/(?:[^;]*\+)?json\b/i.test(contentType);
  return bytesOf(isBody(parsed) && !isValue ? parsed : JSON.stringify(parsed));
}

function isBody(value: unknown): value is Uint8Array | string {
  return typeof value === 'string' || value instanceof Uint8Array;
}

function bytesOf(body: Uint8Array | string): Bytes {
  return typeof body === 'string' ? new TextEncoder().encode(body) : new Uint8Array(body);
}

function headersOf(message: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers)) {
    for (const one of Array.isArray(value) ? value : [value ?? '']) headers.append(name, one);
  }
  return headers;
}
