import { TandemError, type ErrorCode } from '@tandem/protocol';
import { StoreError } from '@tandem/store';
import { errorStatus } from './error-status.js';
import { jsonReply, type Reply } from './reply.js';

/** Errors of HTTP itself, which no verb knows. */
export type TransportErrorCode = 'PATH_NOT_FOUND' | 'METHOD_NOT_ALLOWED';

/** Any error as an answer: its code and message, DTM's result word, and nothing of stacks or causes. */
export function errorReply(error: unknown): Reply {
  const { code, message } = readable(error);
  const { status, dtmResult, retryAfter } = errorStatus[code];
  const reply = jsonReply(status, { code, message, dtm_result: dtmResult });
  return retryAfter === undefined ? reply : { ...reply, headers: { 'retry-after': String(retryAfter) } };
}

/** The code that an error is answered with. */
export function errorCodeOf(error: unknown): ErrorCode {
  return readable(error).code;
}

/** The answer to a path or a method that does not exist. */
export function transportErrorReply(code: TransportErrorCode, message: string): Reply {
  return jsonReply(code === 'PATH_NOT_FOUND' ? 404 : 405, { code, message, dtm_result: 'FAILURE' });
}

function readable(error: unknown): { readonly code: ErrorCode; readonly message: string } {
  if (error instanceof TandemError) return error;
  if (error instanceof StoreError)
    return { code: 'STORE_UNAVAILABLE', message: 'the store does not answer; try again' };
  return { code: 'INTERNAL', message: "an error inside Tandem; the server's log has the details" };
}
