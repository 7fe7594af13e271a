/**
 * Serves fetch handlers by `node:http`, which has no other way to them. Bun, Deno, Hono and Next.js need no bridge.
 *
 * @module
 */
import type { IncomingMessage, RequestListener } from 'node:http';
import type { RequestHandler } from './branch/branch-handler.js';
import { answerTo, defaultBodyBytesMax, send } from './serving/node-request.js';
import { checkFunction, invalidOption } from './option-names.js';

/** What `nodeListener` may be told. */
export interface NodeListenerOptions {
  /** Largest body that is read; a larger one is answered with 413. Default 4 MiB, the coordinator's limit of a payload. */
  readonly bodyBytesMax?: number;
}

/** Makes a listener for `node:http` of handlers by their path. */
export function nodeListener(
  routes: Readonly<Record<string, RequestHandler>>,
  options: NodeListenerOptions = {},
): RequestListener {
  const byPath = new Map(Object.entries(routes));
  if (typeof routes !== 'object') {
    throw invalidOption("nodeListener takes handlers by their paths: { '/debit': debit }");
  }
  for (const [path, handler] of byPath) {
    if (!path.startsWith('/')) throw invalidOption(`the path "${path}" must begin with /`);
    checkFunction(`the handler of ${path}`, handler);
  }
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
  message: IncomingMessage,
  bodyBytesMax: number,
): Promise<Response> {
  const { pathname } = new URL(message.url ?? '/', 'http://localhost');
  const handler = routes.get(pathname);
  if (handler === undefined) return Response.json({ message: `nothing is served at ${pathname}` }, { status: 404 });
  return answerTo(handler, { message }, bodyBytesMax);
}
