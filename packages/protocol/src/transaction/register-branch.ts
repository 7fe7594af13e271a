import { fitsJsonRpc } from '../wire/json-rpc-branch.js';
import { sameBytes } from '../wire/same-bytes.js';
import type { BranchRequest } from './definition.js';
import type { Reaction, Registration } from './machine.js';
import type { BranchRow, Registered, Transaction } from './transaction.js';

/** Refuses a registration with a transaction of a type that has no branches to register. */
export function nothingToRegister(tx: Transaction): Reaction {
  return {
    kind: 'refused',
    code: 'INVALID_REQUEST',
    message: `a ${tx.definition.type} has its branches from the start, none can be registered`,
  };
}

/** Refuses what was meant for another type; undefined where it fits. */
export function wrongType(tx: Transaction, { type }: Registration): Reaction | undefined {
  if (type === tx.definition.type) return undefined;
  return { kind: 'refused', code: 'INVALID_REQUEST', message: `${tx.gid} is a ${tx.definition.type}, not a ${type}` };
}

/** Refuses a payload that no call could send; undefined where it fits. */
export function wrongPayload({ definition }: Transaction, { urls, payload }: Registration): Reaction | undefined {
  // On the path of every registration, and nearly none is of this protocol.
  if (definition.protocol !== 'json-rpc') return undefined;
  const unfit = Object.values(urls).find((url) => !fitsJsonRpc(definition.protocol, url, payload));
  if (unfit === undefined) return undefined;
  const message = 'data must be a JSON object: its branch is called by JSON-RPC';
  return { kind: 'refused', code: 'INVALID_REQUEST', message };
}

/** The row of a new registration. */
export function registeredRow(registration: Registration, ordinal: number, now: number): BranchRow {
  const { branchId, op, status, urls, payload, request } = registration;
  const registered: Registered = { urls, payload, ordinal, request };
  return {
    branchId,
    op,
    status,
    attempts: 0,
    nextAttemptAt: 0,
    reason: '',
    createdAt: now,
    updatedAt: now,
    registered,
  };
}

/** Whether a registration asks for what is recorded. */
export function isSameRegistration(row: BranchRow, registration: Registration): boolean {
  const { registered } = row;
  return (
    registered !== undefined &&
    row.status === registration.status &&
    isSameUrls(registered.urls, registration.urls) &&
    isSameRequest(registered.request, registration.request) &&
    sameBytes(registered.payload, registration.payload)
  );
}

function isSameUrls(one: Registered['urls'], other: Registered['urls']): boolean {
  return (['confirm', 'cancel', 'commit', 'rollback'] as const).every((op) => one[op] === other[op]);
}

/** By their text, which parsing has brought into one form. */
function isSameRequest(one: BranchRequest | undefined, other: BranchRequest | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
