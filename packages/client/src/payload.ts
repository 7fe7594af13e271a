import type { Connection } from './coordinator/connection.js';
import { InvalidUse, saidBy } from './errors.js';
import { isObject } from './json.js';

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
    throw new InvalidUse('INVALID_PAYLOAD', `${owner} is not JSON: ${saidBy(error)}`, error);
  }
}

function refuseSilentLoss(this: unknown, key: string, value: unknown): unknown {
  const where = key === '' ? '' : ` at "${key}"`;
  if (value === null && (this as Record<string, unknown>)[key] instanceof Date)
    throw new TypeError(`an invalid Date${where}`);
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${String(value)}${where}`);
  if (value === undefined && Array.isArray(this)) throw new TypeError(`undefined${where}`);
  if (typeof value === 'function' || typeof value === 'symbol') throw new TypeError(`a ${typeof value}${where}`);
  if (isObject(value) && saysNothing(value)) {
    throw new TypeError(`a ${tagOf(value)}${where}${value instanceof Promise ? ', which is not awaited' : ''}`);
  }
  return value;
}

/** What JSON makes `{}` of, or a list of its bytes by number: nobody means that. Numbers and the like in boxes it knows. */
function saysNothing(value: object): boolean {
  if (ArrayBuffer.isView(value)) return true;
  const isPlain = ['Object', 'Array', 'Number', 'String', 'Boolean'].includes(tagOf(value));
  return !isPlain && Object.keys(value).length === 0;
}

/** What a built-in class calls itself: `Map`, `Promise`, `RegExp`. */
function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}
