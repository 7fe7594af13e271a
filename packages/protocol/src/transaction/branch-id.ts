import { branchOps, rowKey, type BranchOp } from './transaction.js';

const ids: string[] = [];
const keys = Object.fromEntries(branchOps.map((op) => [op, [] as string[]])) as Record<BranchOp, string[]>;

function fill(list: string[], index: number, make: (at: number) => string): string {
  for (let at = list.length; at <= index; at += 1) list.push(make(at));
  const made = list[index];
  return made ?? make(index);
}

/** The branch id of a step by its 0-based index: `01`, `02`, ... `99`, `100`. Shared strings: ids repeat all the time. */
export function branchIdOf(index: number): string {
  return ids[index] ?? fill(ids, index, twoDigits);
}

/** `rowKey` of a step's operation, from the same shared store. */
export function stepRowKey(index: number, op: BranchOp): string {
  return keys[op][index] ?? fill(keys[op], index, (at) => rowKey(branchIdOf(at), op));
}

/** The 0-based index of a plain branch id, or -1 for what is none. */
export function stepIndexOf(branchId: string): number {
  const index = Number(branchId) - 1;
  return Number.isInteger(index) && index >= 0 && twoDigits(index) === branchId ? index : -1;
}

/** A topic's subscriber, both 0-based: `01-01`, so that no two branches of a transaction share an id. */
export function subscriberIdOf(step: number, subscriber: number): string {
  return `${branchIdOf(step)}-${branchIdOf(subscriber)}`;
}

function twoDigits(index: number): string {
  return String(index + 1).padStart(2, '0');
}
