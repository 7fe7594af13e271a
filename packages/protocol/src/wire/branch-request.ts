import type { BranchMethod, BranchRequest } from '../transaction/definition.js';
import { branchHeadersOf } from './branch-headers.js';
import { invalid, memberOf, textMember, type JsonObject } from './json-members.js';

/** Every method that a branch call can have. */
export const branchMethods: readonly BranchMethod[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** A method by its name, in any case; undefined where the member is absent. Throws INVALID_REQUEST for an unknown one. */
export function methodOf(object: JsonObject, name: string, path = name): BranchMethod | undefined {
  const asked = textMember(object, name, path).toUpperCase();
  if (asked === '') return undefined;
  const method = branchMethods.find((candidate) => candidate === asked);
  if (method === undefined) throw invalid(path, `one of ${branchMethods.join(', ')}`);
  return method;
}

/** `method` and `branch_headers` of one step or registered branch; undefined where it names neither. */
export function branchRequestOf(object: JsonObject, path: string): BranchRequest | undefined {
  // Most name neither, and this is asked for each step.
  if (memberOf(object, 'method') === undefined && memberOf(object, 'branch_headers') === undefined) return undefined;
  const prefix = path === '' ? '' : `${path}.`;
  const method = methodOf(object, 'method', `${prefix}method`);
  const headers = branchHeadersOf(object, `${prefix}branch_headers`);
  const hasHeaders = Object.keys(headers).length > 0;
  if (method === undefined && !hasHeaders) return undefined;
  return { ...(method === undefined ? undefined : { method }), ...(hasHeaders ? { headers } : undefined) };
}
