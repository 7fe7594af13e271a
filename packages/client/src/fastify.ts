/**
 * Serves branches by Fastify (5), as a plugin with a scope of its own: there the body stays the bytes that came, whatever parsers
 * the application has. Fastify's own refuses a call that says JSON and has no body, as the second phase of an XA.
 *
 * @module
 */
import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from './branch/branch-handler.js';
import { answerTo, defaultBodyBytesMax } from './serving/node-request.js';

/** What `fastifyBranches` may be told. */
export interface FastifyBranchesOptions {
  /** Largest body; larger: 413. Default 4 MiB, the coordinator's limit of a payload. */
  readonly bodyBytesMax?: number;
}

/** By which a coordinator may be told to call. */
const methods: readonly BranchRouteMethod[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
/** A method by which a coordinator may be told to call. */
export type BranchRouteMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What is used of a request of Fastify. */
export interface FastifyRequest {
  /** Node's own request. */
  readonly raw: IncomingMessage;
  /** The path with the plugin's prefix, and the query. */
  readonly originalUrl: string;
  /** The bytes that came. */
  readonly body: unknown;
}

/** What is used of a reply of Fastify. */
export interface FastifyReply {
  /** Sets the status. */
  code(status: number): this;
  /** Adds headers. */
  headers(headers: Record<string, string>): this;
  /** Answers. */
  send(body: Buffer): this;
}

/** What is used of a Fastify instance. */
export interface FastifyApp {
  /** Done in the plugin's scope alone. */
  removeAllContentTypeParsers(): void;
  /** One for everything, which leaves the bytes as they came. */
  addContentTypeParser(
    type: string,
    options: { parseAs: 'buffer'; bodyLimit: number },
    parser: (request: unknown, body: unknown) => Promise<unknown>,
  ): unknown;
  /** Serves one path. */
  route(route: {
    method: BranchRouteMethod[];
    url: string;
    handler: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;
  }): unknown;
}

/** Makes a plugin, for `app.register`, of branches, back-checks and the handler of workflows by their path. */
export function fastifyBranches(
  routes: Readonly<Record<string, RequestHandler>>,
  options: FastifyBranchesOptions = {},
): (app: FastifyApp) => Promise<void> {
  const bodyLimit = options.bodyBytesMax ?? defaultBodyBytesMax;
  return async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, async (_, body) => body);
    for (const [url, handler] of Object.entries(routes)) {
      app.route({ method: [...methods], url, handler: (request, reply) => answered(handler, request, reply) });
    }
  };

  async function answered(handler: RequestHandler, request: FastifyRequest, reply: FastifyReply) {
    const incoming = { message: request.raw, url: request.originalUrl, raw: request.body };
    const response = await answerTo(handler, incoming, bodyLimit);
    const headers = Object.fromEntries(response.headers);
    return reply
      .code(response.status)
      .headers(headers)
      .send(Buffer.from(await response.arrayBuffer()));
  }
}
