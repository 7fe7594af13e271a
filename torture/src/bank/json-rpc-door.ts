import type { RequestHandler } from '@tandem/client';

interface Call {
  readonly id: unknown;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** DTM's codes for what a branch answers; any other number leaves it open. */
const codeOf: Readonly<Record<number, number>> = { 409: -32_901, 425: -32_902 };
const internalError = -32_603;
const methodNotFound = -32_601;

/** Serves what a bank serves by JSON-RPC too: the method is the path. */
export function jsonRpcDoor(routes: Readonly<Record<string, RequestHandler>>): RequestHandler {
  return async (request) => {
    const { id, method, params } = (await request.json()) as Call;
    const handler = routes[method];
    if (handler === undefined) return failed(id, methodNotFound, `there is no ${method}`);
    const response = await handler(requestOf(method, params));
    if (response.ok) return Response.json({ jsonrpc: '2.0', id, result: await response.json() });
    return failed(id, codeOf[response.status] ?? internalError, await response.text());
  };
}

function failed(id: unknown, code: number, message: string): Response {
  return Response.json({ jsonrpc: '2.0', id, error: { code, message } });
}

function requestOf(
  path: string,
  { gid, trans_type: type, branch_id: branchId, op, ...payload }: Call['params'],
): Request {
  const query = new URLSearchParams({
    gid: String(gid),
    trans_type: String(type),
    branch_id: String(branchId),
    op: String(op),
  });
  const body = Object.keys(payload).length === 0 ? {} : { body: JSON.stringify(payload) };
  return new Request(`http://localhost${path}?${query.toString()}`, { method: 'POST', ...body });
}
