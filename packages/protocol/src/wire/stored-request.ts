import type { BranchMethod, BranchRequest } from '../transaction/definition.js';
import { branchMethods } from './branch-request.js';
import { storedEntries, storedList, storedText, storedWord } from './stored-json.js';

/** How a branch's calls differ from the others, as a list; null where they do not. */
export function encodeRequest(request: BranchRequest | undefined): unknown[] | null {
  return request === undefined ? null : [request.method ?? null, request.headers ?? null];
}

export function decodeRequest(value: unknown, what: string): BranchRequest | undefined {
  if (value === null) return undefined;
  const list = storedList(value, 2, what);
  return {
    ...(list[0] === null ? undefined : { method: decodeMethod(list[0], what) }),
    ...(list[1] === null ? undefined : { headers: decodeHeaders(list[1], what) }),
  };
}

export function decodeMethod(value: unknown, what: string): BranchMethod {
  return storedWord(value, branchMethods, what);
}

function decodeHeaders(value: unknown, what: string): Readonly<Record<string, string>> {
  return Object.fromEntries(storedEntries(value, what).map(([name, text]) => [name, storedText(text, what)]));
}
