import type { Payload, Protocol } from '../transaction/definition.js';
import { topicScheme } from '../message/message-shape.js';

/**
 * The method of a JSON-RPC branch: the `method` parameter of its URL, where the transaction's protocol is JSON-RPC. Undefined: an
 * ordinary HTTP branch, also in such a transaction, so that both can be mixed.
 */
export function jsonRpcMethodOf(protocol: Protocol, url: string): string | undefined {
  if (protocol !== 'json-rpc') return undefined;
  const mark = url.indexOf('?');
  if (mark === -1 || url.startsWith(topicScheme)) return undefined;
  const [query = ''] = url.slice(mark + 1).split('#');
  for (const parameter of query.split('&')) {
    if (parameter.startsWith('method=')) return decoded(parameter.slice('method='.length)) || undefined;
  }
  return undefined;
}

/** Whether a payload can be sent to this URL: JSON-RPC needs a JSON object, or nothing. */
export function fitsJsonRpc(protocol: Protocol, url: string, payload: Payload): boolean {
  if (payload.length === 0 || jsonRpcMethodOf(protocol, url) === undefined) return true;
  // Bytes come by gRPC, whose transactions are not of this protocol.
  return typeof payload === 'string' && jsonObjectOf(payload) !== undefined;
}

/** The members that a JSON-RPC call gets beside the payload's own, which they replace. */
export interface JsonRpcNames {
  readonly gid: string;
  readonly trans_type: string;
  readonly branch_id: string;
  readonly op: string;
}

/**
 * `params` of a call, as JSON: the payload's own text with the transaction's names added at its end, so that what no double
 * holds stays as it was sent. Undefined where the payload is no JSON object.
 */
export function jsonRpcParams(payload: string, names: JsonRpcNames): string | undefined {
  const added = JSON.stringify(names);
  if (payload === '') return added;
  const object = jsonObjectOf(payload);
  if (object === undefined) return undefined;
  if (Object.keys(object).length === 0) return added;
  return `${payload.slice(0, payload.lastIndexOf('}'))},${added.slice(1)}`;
}

function jsonObjectOf(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
