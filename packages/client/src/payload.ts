import type { Connection } from './coordinator/connection.js';
import { InvalidUse } from './errors.js';

/** What a branch gets: bytes as they are, where the wire takes them, and anything else as JSON. */
export function branchPayload(
  { coordinator }: Pick<Connection, 'coordinator'>,
  owner: string,
  payload: unknown,
): string | Uint8Array {
  if (!(payload instanceof Uint8Array)) return payloadText(owner, payload);
  if (coordinator.grpc !== undefined) return payload;
  const hint = 'bytes need a client with grpcCoordinator of @tandem/client/grpc';
  throw new InvalidUse('INVALID_PAYLOAD', `${owner} is not JSON, but bytes: ${hint}`);
}

/**
 * The text that a branch gets as its body; `owner` names it in messages. Refuses what JSON cannot say (`undefined` inside an array or `NaN` would
 * silently become null, a `Map` become {}; a function, a bigint or a cycle has no form at all). Nothing at all becomes `{}`: a branch is
 * called with POST only when there is a body.
 */
export function payloadText(owner: string, payload: unknown): string {
  if (payload === undefined) return '{}';
  try {
    return JSON.stringify(payload, refuseSilentLoss);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new InvalidUse('INVALID_PAYLOAD', `${owner} is not JSON: ${said}`, error);
  }
}

function refuseSilentLoss(this: unknown, key: string, value: unknown): unknown {
  const where = key === '' ? '' : ` at "${key}"`;
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${String(value)}${where}`);
  if (value === undefined && Array.isArray(this)) throw new TypeError(`undefined${where}`);
  if (typeof value === 'function' || typeof value === 'symbol') throw new TypeError(`a ${typeof value}${where}`);
  if (value instanceof Map || value instanceof Set) throw new TypeError(`a ${value.constructor.name}${where}`);
  return value;
}
