import type { HttpWire } from './http-wire.js';
import type { Members, Reply, Verb, Wire } from './wire.js';

const outcomes: Readonly<Record<number, Reply['outcome']>> = { [-32901]: 'refused', [-32902]: 'ongoing' };

/** JSON-RPC 2.0 at `/api/json-rpc` of the HTTP port. */
export class JsonRpcWire implements Wire {
  readonly name = 'json-rpc';

  constructor(private readonly http: HttpWire) {}

  newGid(): Promise<Reply> {
    return this.call({ jsonrpc: '2.0', id: 'one', method: 'newGid', params: {} });
  }

  send(verb: Verb, members: Members): Promise<Reply> {
    return this.call({ jsonrpc: '2.0', id: 'one', method: verb, params: members });
  }

  async call(request: unknown): Promise<Reply> {
    const reply = await this.http.post(
      '/api/json-rpc',
      typeof request === 'string' ? request : JSON.stringify(request),
    );
    const error = errorOf(reply.body);
    if (error === undefined) return { ...reply, code: reply.code === '200' ? 'result' : reply.code };
    return { ...reply, outcome: outcomes[error.code] ?? 'error', code: String(error.code) };
  }

  close(): void {
    // Its connections are those of HTTP.
  }
}

function errorOf(body: unknown): { readonly code: number } | undefined {
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined;
  const { error } = body;
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return { code: Number(error.code) };
}
