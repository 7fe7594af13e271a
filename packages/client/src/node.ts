/** Serves fetch handlers by `node:http`, which has no other way to them. Bun, Deno, Hono and Next.js need no bridge. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { RequestHandler } from './branch/branch-handler.js';

export interface NodeListenerOptions {
  /** Largest body that is read; a larger one is answered with 413. Default 4 MiB, the coordinator's limit of a payload. */
  readonly bodyBytesMax?: number;
}

const defaultBodyBytesMax = 4 * 1024 * 1024;

/** Makes a listener for `node:http` of handlers by their path. */
export function nodeListener(
  routes: Readonly<Record<string, RequestHandler>>,
  options: NodeListenerOptions = {},
): RequestListener {
  const byPath = new Map(Object.entries(routes));
  const bodyBytesMax = options.bodyBytesMax ?? defaultBodyBytesMax;
  return (incoming, outgoing) => {
    respond(byPath, incoming, bodyBytesMax)
      .catch((error: unknown) => {
        console.error('a request handler failed:', error);
        return Response.json({ message: 'the handler failed' }, { status: 500 });
      })
      .then((response) => send(response, outgoing))
      .catch(() => outgoing.destroy());
  };
}

async function respond(
  routes: ReadonlyMap<string, RequestHandler>,
  incoming: IncomingMessage,
  bodyBytesMax: number,
): Promise<Response> {
  const url = new URL(incoming.url ?? '/', 'http://localhost');
  const handler = routes.get(url.pathname);
  if (handler === undefined) return Response.json({ message: `nothing is served at ${url.pathname}` }, { status: 404 });
  const body = await readBody(incoming, bodyBytesMax);
  if (body === undefined) return Response.json({ message: 'the body is too large' }, { status: 413 });
  const method = incoming.method ?? 'GET';
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return handler(new Request(url, { method, headers: headersOf(incoming), ...(hasBody && { body }) }));
}

async function readBody(incoming: IncomingMessage, bodyBytesMax: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes <= bodyBytesMax) chunks.push(chunk);
  }
  return bytes > bodyBytesMax ? undefined : new Uint8Array(Buffer.concat(chunks));
}

function headersOf(incoming: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    for (const one of Array.isArray(value) ? value : [value ?? '']) headers.append(name, one);
  }
  return headers;
}

async function send(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}
