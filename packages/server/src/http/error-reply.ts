import { TandemError, type ErrorCode } from '@tandem/protocol';
import { StoreError } from '@tandem/store';
import { errorStatus, transportErrorStatus, type TransportErrorCode } from './error-status.js';
import { jsonReply, type Reply } from './reply.js';

/** Any error as an answer: its code and message, DTM's result word, and nothing of stacks or causes. */
export function errorReply(error: unknown): Reply {
  const { code, message } = readableError(error);
  const { status, dtmResult, retryAfter } = errorStatus[code];
  const reply = jsonReply(status, { code, message, dtm_result: dtmResult });
  return retryAfter === undefined ? reply : { ...reply, headers: { 'retry-after': String(retryAfter) } };
}

/** Whether an error refuses the request, so that repeating it as it is changes nothing; else it was not decided. */
export function isRefusal(error: unknown): boolean {
  return errorStatus[errorCodeOf(error)].dtmResult === 'FAILURE';
}

/** The code that an error is answered with. */
export function errorCodeOf(error: unknown): ErrorCode {
  return readableError(error).code;
}

/** The answer to what is wrong before any verb is asked. */
export function transportErrorReply(code: TransportErrorCode, message: string): Reply {
  const { status, dtmResult } = transportErrorStatus[code];
  return jsonReply(status, { code, message, dtm_result: dtmResult });
}

/** The code and the message that an error is told with. */
export function readableError(error: unknown): { readonly code: ErrorCode; readonly message: string } {
  if (error instanceof TandemError) return error;
  if (error instanceof StoreError)
    return { code: 'STORE_UNAVAILABLE', message: 'the store does not answer; try again' };
  return { code: 'INTERNAL', message: "an error inside Tandem; the server's log has the details" };
}
