/** Every stable error code; docs/errors.md explains each and how it maps to HTTP. */
export type ErrorCode =
  | 'INVALID_JSON'
  | 'INVALID_REQUEST'
  | 'INVALID_GID'
  | 'UNKNOWN_TRANSACTION_TYPE'
  | 'UNSUPPORTED_BRANCH_URL'
  | 'LIMIT_EXCEEDED'
  | 'NOT_FOUND'
  | 'TOPIC_NOT_FOUND'
  | 'CONFLICTING_REPEAT'
  | 'WRONG_STATUS'
  | 'ALREADY_FINISHED'
  | 'STEP_ALREADY_RECORDED'
  | 'ALREADY_EXISTS'
  | 'OVERLOADED'
  | 'STORE_UNAVAILABLE'
  | 'SHUTTING_DOWN'
  | 'INTERNAL';

/** A fault or a refusal that a caller can tell apart by its stable `code`; `message` is for a person. */
export class TandemError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'TandemError';
    this.code = code;
  }
}

/** Thrown where a case is impossible by construction; seeing one is a defect of Tandem itself. */
export class InvariantError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InvariantError';
  }
}

/** Closes a `switch` over a union: a new member stops the compiler here. */
export function unreachable(value: never): never {
  throw new InvariantError(`unreachable value ${JSON.stringify(value)}`);
}
