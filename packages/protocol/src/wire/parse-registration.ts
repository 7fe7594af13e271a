/** DTM's body of registerBranch: texts by name, different ones for each type. */
import { TandemError } from '../errors.js';
import type { Payload, TransactionType } from '../transaction/definition.js';
import { parseGid, type Gid } from '../transaction/gid.js';
import { limits } from '../transaction/limits.js';
import type { Registration } from '../transaction/machine.js';
import { branchOps, type BranchOp } from '../transaction/transaction.js';
import { branchRequestOf } from './branch-request.js';
import { checkBranchUrl, httpSchemes } from './branch-url.js';
import { invalid, memberOf, objectOf, textMember, type JsonObject } from './json-members.js';
import { bytesOf } from './same-bytes.js';
import { transactionTypeOf } from './transaction-type.js';
import { isLongerThan } from './utf8.js';

export interface RegistrationOptions {
  /** URL prefixes, lower-case, with `://`. */
  readonly schemes?: readonly string[];
  /** The type where the body names none, as on DTM's older endpoints. */
  readonly absentType?: TransactionType;
  /** The payload where it comes beside the body (gRPC); else `data` is. */
  readonly payload?: Uint8Array;
}

/** Reads the body of registerBranch. Throws `TandemError`; docs/errors.md lists the codes. */
export function parseRegistration(
  value: unknown,
  options: RegistrationOptions = {},
): { readonly gid: Gid; readonly registration: Registration } {
  const body = objectOf(value, 'the body');
  const gid = parseGid(memberOf(body, 'gid'));
  const type = transactionTypeOf(body, options.absentType);
  const branchId = branchIdOf(body);
  const payload = payloadOf(body, options.payload);
  const { op, status, urls, request } = registrationOf(body, type, options);
  return { gid, registration: { type, branchId, op, status, urls, payload, request } };
}

function registrationOf(
  body: JsonObject,
  type: TransactionType,
  { schemes = httpSchemes }: RegistrationOptions,
): Omit<Registration, 'type' | 'branchId' | 'payload'> {
  const url = (name: string): string => {
    const text = textMember(body, name);
    checkBranchUrl(text, name, schemes);
    return text;
  };
  const request = branchRequestOf(body, '');
  switch (type) {
    case 'tcc':
      return { op: 'try', status: 'prepared', urls: { confirm: url('confirm'), cancel: url('cancel') }, request };
    case 'xa': {
      const both = url('url');
      if (both === '') throw invalid('url', 'the URL that is called to commit or roll back the branch');
      return { op: 'action', status: 'prepared', urls: { commit: both, rollback: both }, request };
    }
    case 'workflow':
      return { op: stepOpOf(body), status: stepStatusOf(body), urls: {} };
    case 'saga':
    case 'msg':
      throw new TandemError('INVALID_REQUEST', `a ${type} has its branches from the start, none can be registered`);
  }
}

// Part of the key of a row and of the query of a branch call; DTM's SDKs use two digits a level.
const branchId = /^[!-~]{1,128}$/;

function branchIdOf(body: JsonObject): string {
  const id = textMember(body, 'branch_id');
  if (!branchId.test(id)) throw invalid('branch_id', '1 to 128 printable ASCII characters without blanks');
  if (id === '00') throw invalid('branch_id', "another than 00, which is the transaction's own");
  return id;
}

const neverRecorded: readonly BranchOp[] = ['msg', 'resume'];

function stepOpOf(body: JsonObject): BranchOp {
  const asked = textMember(body, 'op');
  const op = branchOps.find((candidate) => candidate === asked && !neverRecorded.includes(candidate));
  if (op === undefined) {
    throw invalid('op', `one of ${branchOps.filter((known) => !neverRecorded.includes(known)).join(', ')}`);
  }
  return op;
}

function stepStatusOf(body: JsonObject): 'succeed' | 'failed' {
  const status = textMember(body, 'status');
  if (status !== 'succeed' && status !== 'failed') throw invalid('status', 'succeed or failed');
  return status;
}

function payloadOf(body: JsonObject, given: Uint8Array | undefined): Payload {
  const payload = given ?? textMember(body, 'data');
  const isTooLong =
    typeof payload === 'string'
      ? isLongerThan(payload, limits.payloadBytesMax)
      : bytesOf(payload).length > limits.payloadBytesMax;
  if (isTooLong) throw new TandemError('LIMIT_EXCEEDED', `data is larger than ${String(limits.payloadBytesMax)} bytes`);
  return payload;
}
