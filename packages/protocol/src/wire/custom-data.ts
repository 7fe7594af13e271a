/**
 * DTM's `custom_data`: a text that belongs to the caller, in which its SDKs hide options of their own. What a type needs of
 * it is read strictly (a delay must not get lost in silence); all else is the caller's business.
 */
import { TandemError } from '../errors.js';
import { topologicalOrder } from '../saga/saga-orders.js';
import { limits } from '../transaction/limits.js';
import {
  booleanMember,
  durationMember,
  invalid,
  listMember,
  memberOf,
  objectOf,
  type JsonObject,
} from './json-members.js';

/** The options of a custom_data; a text that is no JSON object has none. */
export function customOptionsOf(customData: string): JsonObject {
  if (!customData.trimStart().startsWith('{')) return {};
  try {
    return objectOf(JSON.parse(customData), 'custom_data');
  } catch {
    return {};
  }
}

/** Message: how long after submit its branches may be called, in ms. */
export function delayOf(options: JsonObject): number {
  return durationMember(options, 'delay', 1000, 'custom_data.delay') ?? 0;
}

/** Saga: whether its steps run side by side. */
export function isConcurrentBy(options: JsonObject): boolean {
  return booleanMember(options, 'concurrent', 'custom_data.concurrent');
}

/** Saga: what each step waits for. Throws INVALID_REQUEST where steps wait for each other, or for none that exists. */
export function ordersOf(options: JsonObject, steps: number, isConcurrent: boolean): Record<number, readonly number[]> {
  const member = memberOf(options, 'orders');
  if (member === undefined) return {};
  const path = 'custom_data.orders';
  // PHP has one kind of array, and writes a map whose names are 0, 1, 2 as a list.
  const given = objectOf(Array.isArray(member) ? Object.fromEntries(member.entries()) : member, path);
  const orders: Record<number, readonly number[]> = {};
  let count = 0;
  for (const key of Object.keys(given)) {
    if (!/^\d+$/.test(key)) throw invalid(path, 'an object whose names are indexes of steps, from 0');
    const predecessors = new Set([...(orders[Number(key)] ?? []), ...listMember(given, key, `${path}.${key}`)]);
    count += predecessors.size;
    orders[Number(key)] = [...predecessors].map((value) => indexOf(value, `${path}.${key}`));
  }
  if (count > limits.ordersMax)
    throw new TandemError('LIMIT_EXCEEDED', `${path} has more than ${String(limits.ordersMax)} entries`);
  checkOrders(orders, steps, isConcurrent);
  return isConcurrent ? withoutEmpty(orders) : {};
}

function indexOf(value: unknown, path: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw invalid(path, 'a list of indexes of steps, from 0');
  }
  return value;
}

function checkOrders(orders: Record<number, readonly number[]>, steps: number, isConcurrent: boolean): void {
  const wanted = 'orders of existing steps (0-based) that do not wait for each other in a circle';
  if (topologicalOrder(steps, orders) === undefined) throw invalid('custom_data.orders', wanted);
  // One after the other is an order too: waiting for a later step would be a circle.
  const isForward = Object.entries(orders).some(([step, list]) => list.some((other) => other > Number(step)));
  if (!isConcurrent && isForward) throw invalid('custom_data.orders', `${wanted}, and concurrent must be true`);
}

function withoutEmpty(orders: Record<number, readonly number[]>): Record<number, readonly number[]> {
  return Object.fromEntries(Object.entries(orders).filter(([, list]) => list.length > 0));
}
