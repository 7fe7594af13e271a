import { requestError, standardCodes, type JsonRpcError } from './json-rpc-error.js';

/** The id of a request. */
export type JsonRpcId = string | number | null;

/** One request, read. */
export interface JsonRpcRequest {
  /** Undefined: a notification, which is not answered. */
  readonly id: JsonRpcId | undefined;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export type ParsedJsonRpc =
  | { readonly kind: 'request'; readonly request: JsonRpcRequest }
  /** To be answered with this error, unless `id` is undefined. */
  | { readonly kind: 'refused'; readonly id: JsonRpcId | undefined; readonly error: JsonRpcError };

/** Reads one entry of a body. */
export function parseJsonRpc(value: unknown): ParsedJsonRpc {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refused(null, 'a request must be a JSON object');
  }
  const { jsonrpc, method, params, id } = value as Readonly<Record<string, unknown>>;
  if (!isId(id)) return refused(null, 'id must be text, null or a number that a double holds exactly');
  // Only a proper request without an id is a notification; anything else is answered.
  const answerTo = id ?? null;
  if (jsonrpc !== '2.0') return refused(answerTo, 'jsonrpc must be "2.0"');
  if (typeof method !== 'string') return refused(answerTo, 'method must be text');
  const given = params ?? {};
  if (typeof given !== 'object') return refused(answerTo, 'params must be a JSON object');
  if (Array.isArray(given)) {
    const error = requestError(standardCodes.invalidParams, 'params must be an object: they are told by name');
    return { kind: 'refused', id, error };
  }
  return { kind: 'request', request: { id, method, params: given as Readonly<Record<string, unknown>> } };
}

/** A number that a double cannot hold would come back as another one, and its caller would not know its answer. */
function isId(id: unknown): id is JsonRpcId | undefined {
  if (typeof id === 'number') return Number.isInteger(id) ? Number.isSafeInteger(id) : Number.isFinite(id);
  return id === undefined || id === null || typeof id === 'string';
}

function refused(id: JsonRpcId, message: string): ParsedJsonRpc {
  return { kind: 'refused', id, error: requestError(standardCodes.invalidRequest, message) };
}
