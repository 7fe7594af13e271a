import { InvalidUse } from '../errors.js';
import { isGrpcUrl } from '../participant/grpc-calls.js';

/** One method of a service, as `@grpc/grpc-js` and what generates code for it define them. */
export interface GrpcMethodDefinition<Request, Answer> {
  /** `/package.Service/Method`. */
  readonly path: string;
  /** Makes a message of a request. */
  requestSerialize(request: Request): Uint8Array;
  /** Reads the answer's message. */
  responseDeserialize(answer: Uint8Array): Answer;
}

/** A step that a service does, called by gRPC. */
export interface GrpcStep<Request, Answer> {
  /** Where the service is: `grpc://host:port`, or `grpcs://` with TLS. */
  readonly at: string;
  /** What is called. */
  readonly method: GrpcMethodDefinition<Request, Answer>;
  /** As the method's definition takes it. */
  readonly request: Request;
  /** Metadata of these calls, beside the workflow's `branchHeaders`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Called with the same request when the workflow has succeeded; must succeed in the end. */
  readonly onCommit?: GrpcMethodDefinition<Request, unknown>;
  /** Called with the same request when the workflow has failed; must succeed in the end. */
  readonly onRollback?: GrpcMethodDefinition<Request, unknown>;
}

/** The URL of a method. Throws `INVALID_OPTION` for an address that is not one of gRPC. */
export function methodUrl(owner: string, at: string, { path }: { readonly path: string }): string {
  if (isGrpcUrl(at)) return at.replace(/\/+$/, '') + path;
  throw new InvalidUse('INVALID_OPTION', `${owner} must be at grpc://host:port, not at "${at}"`);
}
