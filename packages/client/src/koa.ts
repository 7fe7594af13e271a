/**
 * Serves branches by Koa (2 and 3).
 *
 * @module
 */
import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from './branch/branch-handler.js';
import { answerTo, defaultBodyBytesMax } from './serving/node-request.js';

/** What `koaBranch` may be told. */
export interface KoaBranchOptions {
  /** Largest body that is read here; larger: 413. Default 4 MiB. What a body parser reads before has that parser's limit. */
  readonly bodyBytesMax?: number;
}

/** What is used of Koa's context. */
export interface KoaContext {
  /** Node's own request. */
  readonly req: IncomingMessage;
  /** The path with a router's prefix, and the query. */
  readonly originalUrl: string;
  /** Koa's request, which has what a body parser read. */
  readonly request: object;
  /** Of the answer. */
  status: number;
  /** Of the answer. */
  body: unknown;
  /** Adds headers to the answer. */
  set(headers: Record<string, string>): void;
}

/** Makes a middleware, for a router's route, of a branch, a back-check or the handler of workflows. */
export function koaBranch(
  handler: RequestHandler,
  options: KoaBranchOptions = {},
): (context: KoaContext) => Promise<void> {
  const bodyBytesMax = options.bodyBytesMax ?? defaultBodyBytesMax;
  return async (context) => {
    const { body: parsed, rawBody: raw } = context.request as { readonly body?: unknown; readonly rawBody?: unknown };
    const incoming = { message: context.req, url: context.originalUrl, parsed, raw };
    const response = await answerTo(handler, incoming, bodyBytesMax);
    context.status = response.status;
    context.set(Object.fromEntries(response.headers));
    context.body = Buffer.from(await response.arrayBuffer());
  };
}
