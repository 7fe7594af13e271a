/** The request of a submit, as the wire has it; payloads by gRPC may be bytes, which no JSON holds. */
export interface SubmitRequest {
  /** The transaction's name. */
  readonly gid: string;
  /** A message or a saga. */
  readonly trans_type: 'msg' | 'saga';
  /** Whom it calls. */
  readonly steps: readonly unknown[];
  /** What each step is called with. */
  readonly payloads: readonly (string | Uint8Array)[];
  readonly [member: string]: unknown;
}

/** What one submit starts: a message or a saga. */
export interface Submittable {
  /** Its name, chosen or made. */
  readonly gid: string;
  /** What `submit` sends: an outbox stores it, to be sent later. */
  submitRequest(): SubmitRequest;
}
