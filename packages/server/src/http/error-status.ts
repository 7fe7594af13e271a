import type { ErrorCode } from '@tandem/protocol';

/** How an error reads over HTTP. */
export interface ErrorStatus {
  readonly status: number;
  /**
   * DTM's member. `FAILURE`: refused, and repeating it as it is changes nothing. `ERROR`: not decided, send it again; no word of
   * DTM's, since each of those would tell an SDK of an outcome that nobody knows.
   */
  readonly dtmResult: 'FAILURE' | 'ERROR';
  /** Seconds after which to try again. */
  readonly retryAfter?: number;
}

/** The one place where codes become HTTP; docs/errors.md shows the same table. */
export const errorStatus: Readonly<Record<ErrorCode, ErrorStatus>> = {
  INVALID_JSON: { status: 400, dtmResult: 'FAILURE' },
  INVALID_REQUEST: { status: 400, dtmResult: 'FAILURE' },
  INVALID_GID: { status: 400, dtmResult: 'FAILURE' },
  UNKNOWN_TRANSACTION_TYPE: { status: 400, dtmResult: 'FAILURE' },
  UNSUPPORTED_BRANCH_URL: { status: 400, dtmResult: 'FAILURE' },
  LIMIT_EXCEEDED: { status: 413, dtmResult: 'FAILURE' },
  NOT_FOUND: { status: 404, dtmResult: 'FAILURE' },
  TOPIC_NOT_FOUND: { status: 404, dtmResult: 'FAILURE' },
  CONFLICTING_REPEAT: { status: 409, dtmResult: 'FAILURE' },
  WRONG_STATUS: { status: 409, dtmResult: 'FAILURE' },
  // Neither success nor a refusal to roll back for: DTM's Go SDK rolls a workflow back when recording a step answers 409.
  ALREADY_FINISHED: { status: 425, dtmResult: 'ERROR' },
  STEP_ALREADY_RECORDED: { status: 425, dtmResult: 'ERROR' },
  ALREADY_EXISTS: { status: 409, dtmResult: 'FAILURE' },
  OVERLOADED: { status: 429, dtmResult: 'ERROR', retryAfter: 1 },
  STORE_UNAVAILABLE: { status: 503, dtmResult: 'ERROR', retryAfter: 1 },
  SHUTTING_DOWN: { status: 503, dtmResult: 'ERROR', retryAfter: 1 },
  INTERNAL: { status: 500, dtmResult: 'ERROR' },
};

/** Errors of HTTP itself, which no verb knows. */
export type TransportErrorCode =
  'PATH_NOT_FOUND' | 'METHOD_NOT_ALLOWED' | 'REQUEST_TIMEOUT' | 'EXPECTATION_FAILED' | 'HEADERS_TOO_LARGE';

/** The same for errors of HTTP itself. */
export const transportErrorStatus: Readonly<Record<TransportErrorCode, ErrorStatus>> = {
  PATH_NOT_FOUND: { status: 404, dtmResult: 'FAILURE' },
  METHOD_NOT_ALLOWED: { status: 405, dtmResult: 'FAILURE' },
  REQUEST_TIMEOUT: { status: 408, dtmResult: 'ERROR' },
  EXPECTATION_FAILED: { status: 417, dtmResult: 'FAILURE' },
  HEADERS_TOO_LARGE: { status: 431, dtmResult: 'FAILURE' },
};
