/**
 * JSON-RPC 2.0 at one path: a single request, or a batch.
 *
 * J1. Every request is answered once, with its own id; a notification never is.
 * J2. A batch is worked through in its order, so that one can prepare, register and submit; one that fails stops none after it.
 * J3. All waits of a batch together are no longer than the wait of one request.
 * J4. All answers of a batch together are bounded: a short request can ask for much, a thousand times. What comes after that
 *     is refused and not carried out.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { TandemError, type ErrorCode } from '@tandem/protocol';
import type { ApiRequest, Endpoint } from '../http/api-request.js';
import { errorCodeOf } from '../http/error-reply.js';
import { errorStatus } from '../http/error-status.js';
import { jsonReply, type Reply } from '../http/reply.js';
import { jsonRpcError, requestError, standardCodes, type JsonRpcError } from './json-rpc-error.js';
import { jsonRpcMethods, type JsonRpcMethod, type JsonRpcParts, type MethodAnswer } from './json-rpc-methods.js';
import { parseJsonRpc, type JsonRpcId, type JsonRpcRequest } from './json-rpc-request.js';

/** Most requests in one batch. */
export const batchMax = 1_000;
const answersCharactersMax = 32 * 1024 * 1024;

export interface JsonRpcOptions extends JsonRpcParts {
  readonly waitMaxMs: number;
  /** Told of an error that is not the caller's. */
  readonly failed: (error: unknown, code: ErrorCode) => void;
}

type Answer = { readonly jsonrpc: '2.0'; readonly id: JsonRpcId } & MethodAnswer;

const nothing: Reply = { status: 204, contentType: 'application/json; charset=utf-8', body: '' };

/** POST /api/json-rpc. */
export function jsonRpc(options: JsonRpcOptions): Endpoint<Reply> {
  const methods = jsonRpcMethods(options);
  return async ({ body, headers }: ApiRequest) => {
    if (body === undefined) throw new TandemError('INVALID_JSON', 'the body is empty');
    const waitEndsAt = performance.now() + options.waitMaxMs;
    const serve = (value: unknown): Promise<Answer | undefined> => {
      return answerTo(value, { methods, headers, waitMaxMs: waitEndsAt - performance.now(), failed: options.failed });
    };
    if (!Array.isArray(body)) return replyOf(await serve(body));
    const fault = faultOfBatch(body);
    if (fault !== undefined) return replyOf({ jsonrpc: '2.0', error: fault, id: null });
    return batchReply(body, serve);
  };
}

async function batchReply(
  batch: readonly unknown[],
  serve: (value: unknown) => Promise<Answer | undefined>,
): Promise<Reply> {
  const answers: string[] = [];
  let characters = 0;
  for (const value of batch) {
    const answer = characters < answersCharactersMax ? await serve(value) : refusedAsTooMuch(value);
    if (answer === undefined) continue;
    const text = JSON.stringify(answer);
    characters += text.length;
    answers.push(text);
  }
  return answers.length === 0 ? nothing : { ...jsonReply(200, []), body: `[${answers.join(',')}]` };
}

function refusedAsTooMuch(value: unknown): Answer | undefined {
  const parsed = parseJsonRpc(value);
  const id = parsed.kind === 'refused' ? parsed.id : parsed.request.id;
  return withId(id, { error: batchLimit('the answers of the batch before this request are too large together') });
}

interface Serving {
  readonly methods: ReadonlyMap<string, JsonRpcMethod>;
  readonly headers: IncomingHttpHeaders;
  readonly waitMaxMs: number;
  readonly failed: JsonRpcOptions['failed'];
}

/** Undefined: there is nothing to answer. */
async function answerTo(value: unknown, serving: Serving): Promise<Answer | undefined> {
  const parsed = parseJsonRpc(value);
  if (parsed.kind === 'refused') return withId(parsed.id, { error: parsed.error });
  return withId(parsed.request.id, await called(parsed.request, serving));
}

async function called({ method, params }: JsonRpcRequest, serving: Serving): Promise<MethodAnswer> {
  const act = serving.methods.get(method);
  if (act === undefined) {
    return { error: requestError(standardCodes.methodNotFound, `there is no method ${method.slice(0, 100)}`) };
  }
  try {
    return await act({ params, headers: serving.headers, waitMaxMs: Math.max(0, Math.floor(serving.waitMaxMs)) });
  } catch (error) {
    const code = errorCodeOf(error);
    if (errorStatus[code].dtmResult === 'ERROR') serving.failed(error, code);
    return { error: jsonRpcError(error) };
  }
}

function withId(id: JsonRpcId | undefined, answer: MethodAnswer): Answer | undefined {
  return id === undefined ? undefined : { jsonrpc: '2.0', ...answer, id };
}

function faultOfBatch(batch: readonly unknown[]): JsonRpcError | undefined {
  if (batch.length === 0) return requestError(standardCodes.invalidRequest, 'the batch is empty');
  if (batch.length <= batchMax) return undefined;
  return batchLimit(`the batch has more than ${String(batchMax)} requests`);
}

function batchLimit(message: string): JsonRpcError {
  return { code: standardCodes.invalidRequest, message, data: { code: 'LIMIT_EXCEEDED', dtm_result: 'FAILURE' } };
}

function replyOf(answer: Answer | undefined): Reply {
  return answer === undefined ? nothing : jsonReply(200, answer);
}
