import { randomUUID } from 'node:crypto';
import type { BranchCall } from '@tandem/coordinator';
import { jsonRpcMethodOf, jsonRpcParams, TandemError, type BranchMethod } from '@tandem/protocol';
import type { BranchAddress } from './branch-address.js';
import { headersOf } from './branch-headers.js';

/** One request as undici takes it. */
export interface HttpRequest {
  readonly method: BranchMethod;
  readonly path: string;
  readonly headers: string[];
  readonly body: string | Uint8Array | null;
  /** The id that the answer must have, where the call is one of JSON-RPC. */
  readonly jsonRpcId?: string;
}

/** The request of a call. Throws INVALID_REQUEST for a payload that JSON-RPC cannot send. */
export function requestOf(call: BranchCall, address: BranchAddress): HttpRequest {
  const rpcMethod = jsonRpcMethodOf(call.protocol, call.url);
  if (rpcMethod !== undefined) return jsonRpcRequest(call, address, rpcMethod);
  const method = methodOf(call);
  const op = call.wireOp === undefined ? call.op : encodeURIComponent(call.wireOp);
  const names = `gid=${encodeURIComponent(call.gid)}&trans_type=${call.transactionType}&branch_id=${encodeURIComponent(call.branchId)}&op=${op}`;
  return {
    method,
    path: address.pathPrefix + names,
    headers: headersOf(address, call.headers),
    body: method === 'GET' || call.payload.length === 0 ? null : call.payload,
  };
}

/** An XA branch is committed and rolled back by POST without a body: DTM's SDKs look at nothing else. */
function methodOf({ method, payload, transactionType }: BranchCall): BranchMethod {
  if (transactionType === 'xa') return 'POST';
  return method ?? (payload.length === 0 ? 'GET' : 'POST');
}

/** POST to the URL as it is: the transaction's names go into the params. */
function jsonRpcRequest(call: BranchCall, address: BranchAddress, method: string): HttpRequest {
  const { gid, transactionType, branchId, payload } = call;
  const text = typeof payload === 'string' ? payload : Buffer.from(payload).toString();
  const names = { gid, trans_type: transactionType, branch_id: branchId, op: call.wireOp ?? call.op };
  const params = jsonRpcParams(text, names);
  if (params === undefined) {
    throw new TandemError('INVALID_REQUEST', 'the payload is no JSON object, which a call by JSON-RPC needs');
  }
  const id = randomUUID();
  return {
    method: 'POST',
    path: address.pathPrefix.slice(0, -1),
    headers: headersOf(address, call.headers),
    body: `{"jsonrpc":"2.0","method":${JSON.stringify(method)},"params":${params},"id":"${id}"}`,
    jsonRpcId: id,
  };
}
