import { status, type ServiceError } from '@grpc/grpc-js';
import type { CoordinatorAnswer } from '../coordinator/coordinator-port.js';

const httpStatuses: Readonly<Partial<Record<status, number>>> = {
  [status.ABORTED]: 409,
  [status.FAILED_PRECONDITION]: 425,
  [status.INVALID_ARGUMENT]: 400,
  [status.NOT_FOUND]: 404,
  [status.ALREADY_EXISTS]: 409,
  [status.RESOURCE_EXHAUSTED]: 429,
  [status.UNAUTHENTICATED]: 401,
  [status.PERMISSION_DENIED]: 403,
  [status.UNIMPLEMENTED]: 405,
};

/** Only with a code of the coordinator: without one they come from the way to it, or from something else there. */
const ownStatuses: Readonly<Partial<Record<status, number>>> = { [status.UNAVAILABLE]: 503, [status.INTERNAL]: 500 };

/** A status as HTTP has it; undefined where no coordinator sent it. */
export function answerOf({ code, details, metadata }: ServiceError): CoordinatorAnswer | undefined {
  const own = metadata.get('tandem-code')[0]?.toString();
  const http = own === 'LIMIT_EXCEEDED' ? 413 : (httpStatuses[code] ?? (own && ownStatuses[code]));
  if (http === undefined || http === '') return undefined;
  const pushbackMs = Number(metadata.get('grpc-retry-pushback-ms')[0] ?? NaN);
  return {
    status: http,
    body: { ...(own !== undefined && { code: own }), message: details },
    ...(pushbackMs > 0 && { retryAfterMs: pushbackMs }),
  };
}
