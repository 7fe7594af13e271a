import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Answer, Answerer, Call } from './call.js';

type Words = Extract<Answer, string>;
const httpAnswers: Readonly<Record<Words, { status: number; body: string }>> = {
  success: { status: 200, body: '{"dtm_result":"SUCCESS"}' },
  failure: { status: 409, body: '{"error":"no balance"}' },
  ongoing: { status: 425, body: '{"error":"not yet"}' },
  unknown: { status: 500, body: '{"error":"out of order"}' },
};
/** Texts as DTM's SDKs write them: the word is in the message too. */
const jsonRpcErrors: Readonly<Record<Exclude<Words, 'success'>, { code: number; message: string }>> = {
  failure: { code: -32901, message: 'no balance FAILURE' },
  ongoing: { code: -32902, message: 'not yet ONGOING' },
  unknown: { code: -32603, message: 'out of order' },
};

/** Every participant that is called over HTTP or JSON-RPC, on one port; `/SCENE/NAME` tells them apart. */
export class HttpParticipants {
  readonly #server: Server;

  private constructor(answererOf: (scene: string) => Answerer | undefined) {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { scene, call, id } = read(request, Buffer.concat(chunks));
        const answerer = answererOf(scene);
        if (answerer === undefined) response.writeHead(404).end();
        else write(response, answerer(call), call, id);
      });
    });
  }

  static async open(answererOf: (scene: string) => Answerer | undefined): Promise<HttpParticipants> {
    const participants = new HttpParticipants(answererOf);
    await new Promise<void>((resolve) => participants.#server.listen(0, '127.0.0.1', resolve));
    return participants;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

interface JsonRpcRequest {
  readonly jsonrpc: '2.0';
  readonly id: unknown;
  readonly params: Readonly<Record<string, string>>;
}

function read(request: IncomingMessage, body: Buffer): { scene: string; call: Call; id: unknown } {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://participant');
  const [, scene = '', name = ''] = pathname.split('/').map(decodeURIComponent);
  const query = Object.fromEntries(searchParams);
  const jsonRpc = query['method'] === undefined ? undefined : jsonRpcRequest(body);
  const info = jsonRpc?.params ?? query;
  const call: Call = {
    via: jsonRpc === undefined ? 'http' : 'json-rpc',
    name,
    gid: info['gid'] ?? '',
    type: info['trans_type'] ?? '',
    branchId: info['branch_id'] ?? '',
    op: info['op'] ?? '',
    method: request.method ?? '',
    query,
    headers: Object.fromEntries(Object.entries(request.headers).map(([key, value]) => [key, String(value)])),
    body,
    atMs: performance.now(),
  };
  return { scene, call, id: jsonRpc?.id };
}

function jsonRpcRequest(body: Buffer): JsonRpcRequest | undefined {
  try {
    const request = JSON.parse(body.toString()) as JsonRpcRequest;
    return { ...request, params: { ...request.params } };
  } catch {
    return undefined;
  }
}

function write(response: ServerResponse, answer: Answer, call: Call, id: unknown): void {
  if (typeof answer === 'object' && 'afterMs' in answer) {
    setTimeout(() => write(response, answer.then, call, id), answer.afterMs);
  } else if (typeof answer === 'object' && 'jsonRpcCode' in answer) {
    response.end(JSON.stringify({ jsonrpc: '2.0', id, error: { code: answer.jsonRpcCode, message: answer.message } }));
  } else if (typeof answer === 'string' && call.via === 'json-rpc') {
    const content = answer === 'success' ? { result: {} } : { error: jsonRpcErrors[answer] };
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...content }));
  } else {
    const shape = typeof answer === 'string' ? httpAnswers[answer] : answer;
    if (!('status' in shape)) throw new Error('a gRPC answer for an HTTP branch');
    const headers = 'headers' in shape ? shape.headers : {};
    response.writeHead(shape.status, { 'content-type': 'application/json', ...headers });
    response.end(shape.body ?? '');
  }
}
