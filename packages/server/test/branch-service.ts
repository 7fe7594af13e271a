import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** One call as a participant saw it. */
export interface SeenCall {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly rawUrl: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Behaviour = (call: SeenCall, response: ServerResponse, request: IncomingMessage) => void;

/** A participant on a free port of the loopback: records every call and answers by path; an unknown path answers 200. */
export class BranchService {
  readonly calls: SeenCall[] = [];
  readonly #server: Server;
  readonly #behaviours = new Map<string, Behaviour>();
  readonly #watchers = new Set<() => void>();

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => this.#answer(request, response, Buffer.concat(chunks).toString()));
    });
  }

  static async open(): Promise<BranchService> {
    const service = new BranchService();
    await new Promise<void>((resolve) => service.#server.listen(0, '127.0.0.1', resolve));
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  on(path: string, behaviour: Behaviour): this {
    this.#behaviours.set(path, behaviour);
    return this;
  }

  /** Answers a path with a status and a JSON body. */
  answer(path: string, status: number, body: unknown = {}): this {
    return this.on(path, (_call, response) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  }

  callsOf(path: string): readonly SeenCall[] {
    return this.calls.filter((call) => call.path === path);
  }

  /** Resolves when the path has been called `count` times. */
  async called(path: string, count = 1): Promise<void> {
    while (this.callsOf(path).length < count) {
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
    }
  }

  /** Closes every connection as a restarted service would. */
  dropConnections(): void {
    this.#server.closeAllConnections();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse, body: string): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://branch');
    const call = {
      method: request.method ?? '',
      path: pathname,
      query: Object.fromEntries(searchParams),
      rawUrl: request.url ?? '',
      headers: request.headers,
      body,
    };
    this.calls.push(call);
    const behaviour = this.#behaviours.get(pathname);
    if (behaviour === undefined) response.end('{"dtm_result":"SUCCESS"}');
    else behaviour(call, response, request);
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const resolve of watchers) resolve();
  }
}
