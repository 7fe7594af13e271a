import type { Definition, Step } from '../transaction/definition.js';
import { sameBytes } from './same-bytes.js';

/**
 * Whether a request for a gid that exists asks for what is stored: the same type and, unless it leaves them out, the same
 * steps, payload bytes and orders. Options that only say how (timeouts, headers, wait_result) may differ.
 */
export function sameContent(stored: Definition, requested: Definition, hasSteps: boolean): boolean {
  if (stored.type !== requested.type) return false;
  if (!hasSteps) return stored.steps.length === 0 || stored.type === 'msg';
  if (stored.steps.length !== requested.steps.length) return false;
  if (stored.type === 'saga' && stored.isConcurrent !== requested.isConcurrent) return false;
  if (!stored.steps.every((step, index) => isSameStep(step, requested.steps[index]))) return false;
  return stored.type !== 'saga' || isSameOrders(stored, requested);
}

function isSameStep(one: Step, other: Step | undefined): boolean {
  return (
    other !== undefined &&
    one.action === other.action &&
    one.compensate === other.compensate &&
    one.isAsync === other.isAsync &&
    sameBytes(one.payload, other.payload)
  );
}

function isSameOrders(one: Definition, other: Definition): boolean {
  const keys = Object.keys(one.orders);
  if (keys.length !== Object.keys(other.orders).length) return false;
  return keys.every((key) => isSameSet(one.orders[Number(key)] ?? [], other.orders[Number(key)] ?? []));
}

function isSameSet(one: readonly number[], other: readonly number[]): boolean {
  const known = new Set(one);
  return known.size === new Set(other).size && other.every((index) => known.has(index));
}
