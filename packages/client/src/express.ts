/**
 * Serves branches by Express (4 and 5), and by NestJS on Express: as a middleware, or inside a method of a controller.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from './branch/branch-handler.js';
import { answerTo, defaultBodyBytesMax, send } from './serving/node-request.js';

/** What `expressBranch` may be told. */
export interface ExpressBranchOptions {
  /** Largest body that is read here; larger: 413. Default 4 MiB. What a body parser reads before has that parser's limit. */
  readonly bodyBytesMax?: number;
}

/** What Express takes for a route. Without `next`, it throws what the handler threw. */
export type ExpressBranch = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => Promise<void>;

/** Makes a route of a branch, a back-check or the handler of workflows; a body parser may stand before it, or not. */
export function expressBranch(handler: RequestHandler, options: ExpressBranchOptions = {}): ExpressBranch {
  const bodyBytesMax = options.bodyBytesMax ?? defaultBodyBytesMax;
  return async (message, response, next) => {
    try {
      const { body: parsed, rawBody: raw, originalUrl: url } = message as object as ExpressRequest;
      await send(await answerTo(handler, { message, url, parsed, raw }, bodyBytesMax), response);
    } catch (error) {
      if (next === undefined) throw error;
      next(error);
    }
  };
}

interface ExpressRequest {
  readonly body?: unknown;
  /** Of NestJS's option `rawBody`, and of cloud functions. */
  readonly rawBody?: unknown;
  readonly originalUrl?: string;
}
