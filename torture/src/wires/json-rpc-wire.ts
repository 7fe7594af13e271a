import {
  sendTimeoutMs,
  unclear,
  type CoordinatorWire,
  type Members,
  type Reply,
  type Verb,
} from './coordinator-wire.js';

interface Answer {
  readonly result?: unknown;
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data?: { readonly code?: string };
  };
}

const kinds: Readonly<Record<number, Reply['kind']>> = {
  [-32901]: 'refused',
  [-32902]: 'ongoing',
  [-32602]: 'refused',
  [-32600]: 'refused',
};

/** JSON-RPC 2.0 at `/api/json-rpc`. */
export class JsonRpcWire implements CoordinatorWire {
  readonly name = 'json-rpc';

  constructor(private readonly url: string) {}

  async send(verb: Verb, members: Members): Promise<Reply> {
    const call = { jsonrpc: '2.0', id: 1, method: verb, params: { ...members, protocol: 'json-rpc' } };
    try {
      const response = await fetch(`${this.url}/api/json-rpc`, {
        method: 'POST',
        body: JSON.stringify(call),
        signal: AbortSignal.timeout(sendTimeoutMs),
      });
      const { result, error } = (await response.json()) as Answer;
      if (error === undefined) return { kind: 'done', code: '', why: '', body: result };
      return {
        kind: kinds[error.code] ?? 'unclear',
        code: error.data?.code ?? '',
        why: error.message,
        body: undefined,
      };
    } catch (error) {
      return unclear(error);
    }
  }
}
