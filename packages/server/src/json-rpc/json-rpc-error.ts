import { jsonRpcCodes, type ErrorCode } from '@tandem/protocol';
import { errorCodeOf, readableError } from '../http/error-reply.js';
import { errorStatus } from '../http/error-status.js';
import { jsonReply, type Reply } from '../http/reply.js';

/** `error` of an answer. */
export interface JsonRpcError {
  readonly code: number;
  readonly message: string;
  /** The stable code, as in the errors of HTTP. */
  readonly data: {
    readonly code: string;
    readonly dtm_result: 'FAILURE' | 'ONGOING' | 'ERROR';
    /** Seconds after which to try again. */
    readonly retry_after?: number;
  };
}

/** JSON-RPC's own codes. */
export const standardCodes = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
} as const;

const { parseError, invalidParams, internalError } = standardCodes;
const { failure, ongoing } = jsonRpcCodes;

/** The one place where codes become JSON-RPC's; docs/errors.md shows the same table. */
export const jsonRpcCode: Readonly<Record<ErrorCode, number>> = {
  INVALID_JSON: parseError,
  INVALID_REQUEST: invalidParams,
  INVALID_GID: invalidParams,
  UNKNOWN_TRANSACTION_TYPE: invalidParams,
  UNSUPPORTED_BRANCH_URL: invalidParams,
  LIMIT_EXCEEDED: invalidParams,
  NOT_FOUND: failure,
  TOPIC_NOT_FOUND: failure,
  CONFLICTING_REPEAT: failure,
  WRONG_STATUS: failure,
  // Nothing to roll back for.
  ALREADY_FINISHED: ongoing,
  STEP_ALREADY_RECORDED: ongoing,
  ALREADY_EXISTS: failure,
  OVERLOADED: internalError,
  STORE_UNAVAILABLE: internalError,
  SHUTTING_DOWN: internalError,
  INTERNAL: internalError,
};

/** Any error as `error` of an answer; nothing of stacks or causes. */
export function jsonRpcError(error: unknown): JsonRpcError {
  const { code, message } = readableError(error);
  const { dtmResult, retryAfter } = errorStatus[code];
  const data = { code, dtm_result: dtmResult, ...(retryAfter !== undefined && { retry_after: retryAfter }) };
  return { code: jsonRpcCode[code], message, data };
}

/** What is wrong with a request before any verb is asked. */
export function requestError(code: number, message: string): JsonRpcError {
  return { code, message, data: { code: 'INVALID_REQUEST', dtm_result: 'FAILURE' } };
}

/** An error before any request was read, so that no id is known. What is wrong with the JSON alone is 200, as any answer is. */
export function jsonRpcErrorReply(error: unknown): Reply {
  const code = errorCodeOf(error);
  const { status, retryAfter } = errorStatus[code];
  const reply = jsonReply(code === 'INVALID_JSON' ? 200 : status, {
    jsonrpc: '2.0',
    error:
      code === 'LIMIT_EXCEEDED' ? { ...jsonRpcError(error), code: standardCodes.invalidRequest } : jsonRpcError(error),
    id: null,
  });
  return retryAfter === undefined ? reply : { ...reply, headers: { 'retry-after': String(retryAfter) } };
}
