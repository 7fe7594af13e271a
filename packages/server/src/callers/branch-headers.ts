import type { BranchAddress } from './branch-address.js';

const json = ['content-type', 'application/json'];

/**
 * Headers of one call, names and values in turn: JSON unless the branch headers name another content type. The headers
 * were checked at the door; those that belong to the connection were left out there.
 */
export function headersOf(address: BranchAddress, branchHeaders: Readonly<Record<string, string>>): string[] {
  const given = Object.entries(branchHeaders);
  if (given.length === 0 && address.authorization === '') return json;
  const names = new Set(given.map(([name]) => name.toLowerCase()));
  const headers = given.flat();
  if (!names.has('content-type')) headers.push(...json);
  if (address.authorization !== '' && !names.has('authorization')) headers.push('authorization', address.authorization);
  return headers;
}
