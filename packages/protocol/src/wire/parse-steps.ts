import { TandemError } from '../errors.js';
import type { Payload, Step, TransactionType } from '../transaction/definition.js';
import { limits } from '../transaction/limits.js';
import { branchRequestOf } from './branch-request.js';
import { checkBranchUrl, checkMessageAction } from './branch-url.js';
import { booleanMember, invalid, listMember, memberOf, objectOf, textMember, type JsonObject } from './json-members.js';
import { isLongerThan } from './utf8.js';

/** `steps` and `payloads` of a request; a step may carry its payload as `data`, as DTM's oldest SDKs have it. */
export function parseSteps(body: JsonObject, type: TransactionType, schemes: readonly string[]): readonly Step[] {
  const steps = listMember(body, 'steps');
  const payloads = listMember(body, 'payloads');
  if (steps.length > limits.branchesMax) {
    throw new TandemError('LIMIT_EXCEEDED', `steps has more than ${String(limits.branchesMax)} entries`);
  }
  return steps.map((value, index) => {
    const name = `steps[${String(index)}]`;
    const step = objectOf(value, name);
    const action = textMember(step, 'action', `${name}.action`);
    const compensate = textMember(step, 'compensate', `${name}.compensate`);
    if (type === 'msg') checkMessageAction(action, `${name}.action`, schemes);
    else checkBranchUrl(action, `${name}.action`, schemes);
    if (type === 'saga') checkBranchUrl(compensate, `${name}.compensate`, schemes);
    const request = branchRequestOf(step, name);
    return {
      action,
      compensate: type === 'saga' ? compensate : '',
      payload: payloadOf(step, payloads, index),
      isAsync: type === 'msg' && isAsync(step, `${name}.async`),
      request,
    };
  });
}

function payloadOf(step: JsonObject, payloads: readonly unknown[], index: number): Payload {
  const name = index < payloads.length ? `payloads[${String(index)}]` : `steps[${String(index)}].data`;
  const given = index < payloads.length ? (payloads[index] ?? '') : memberOf(step, 'data');
  if (given === undefined) {
    const [wanted, found] = [String(index + 1), String(payloads.length)];
    throw new TandemError(
      'INVALID_REQUEST',
      `payloads must have one entry for each step: step ${wanted} has none of ${found}`,
    );
  }
  // Bytes come by gRPC alone: no JSON holds them.
  if (typeof given !== 'string' && !(given instanceof Uint8Array)) throw invalid(name, 'a string');
  if (isTooLarge(given)) {
    throw new TandemError('LIMIT_EXCEEDED', `${name} is larger than ${String(limits.payloadBytesMax)} bytes`);
  }
  return given;
}

function isTooLarge(payload: Payload): boolean {
  if (typeof payload === 'string') return isLongerThan(payload, limits.payloadBytesMax);
  return payload.length > limits.payloadBytesMax;
}

/** DTM's SDKs hold a step's members as texts, so that a text is taken too. */
function isAsync(step: JsonObject, path: string): boolean {
  const value = memberOf(step, 'async');
  if (value === 'true') return true;
  if (value === 'false' || value === '') return false;
  return booleanMember(step, 'async', path);
}
