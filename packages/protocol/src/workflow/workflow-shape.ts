import { TandemError } from '../errors.js';
import { ongoingWaitMs } from '../retry/retry-engine.js';
import type { RetryPolicy } from '../retry/retry-policy.js';
import type { Definition, Payload } from '../transaction/definition.js';
import type { Operation } from '../transaction/due-calls.js';
import { rowKey, type CallKey, type Transaction } from '../transaction/transaction.js';
import { decodeBase64 } from '../wire/base64.js';
import { isCalledByGrpc } from '../wire/branch-url.js';
import { customOptionsOf } from '../wire/custom-data.js';
import { memberOf } from '../wire/json-members.js';

/** The call that runs a workflow's code again, from its service. */
export const resumeKey: CallKey = { branchId: '00', op: 'resume' };

export const resumeRowKey = rowKey(resumeKey.branchId, resumeKey.op);

/** What DTM's SDKs hide in `custom_data`: `{"name", "data": base64}`. */
export interface WorkflowCall {
  readonly name: string;
  readonly data: Uint8Array;
}

/** The workflow that a definition names. Throws INVALID_REQUEST where it names none. */
export function workflowCallOf(customData: string): WorkflowCall {
  const custom = customOptionsOf(customData);
  const name = memberOf(custom, 'name');
  // Go writes what is empty as null.
  const encoded = memberOf(custom, 'data') ?? '';
  const data = typeof encoded === 'string' ? decodeBase64(encoded) : undefined;
  if (typeof name !== 'string' || name === '' || data === undefined) {
    throw new TandemError(
      'INVALID_REQUEST',
      'custom_data of a workflow must be a JSON object in a string: {"name": text, "data": base64}',
    );
  }
  return { name, data };
}

/**
 * Until when its code may be at work, as far as the record tells: an interval from the prepare, the last recorded step, or the
 * last time its service said so. 0 where the last resume got no clear answer.
 */
export function mayWorkUntil({ head, rows }: Transaction, policy: RetryPolicy): number {
  const resume = rows.get(resumeRowKey);
  if (resume === undefined) return head.createdAt + ongoingWaitMs(policy);
  return resume.attempts === 0 ? resume.nextAttemptAt : 0;
}

const resumes = new WeakMap<Definition, Operation>();

/** The call of a workflow's service, made once per definition: a plan names it again and again. */
export function resumeOperation(definition: Definition, timeoutMs: number): Operation {
  const known = resumes.get(definition);
  if (known?.call.timeoutMs === timeoutMs) return known;
  const { name, data } = workflowCallOf(definition.customData);
  const url = definition.queryPrepared;
  // By how the service is called, not by how the workflow came: one that came by gRPC may be resumed by HTTP, and the other way round.
  const payload = isCalledByGrpc(url, definition.protocol) ? workflowData(data) : data;
  const call = { ...resumeKey, url, payload, timeoutMs, wireOp: name };
  const operation: Operation = { key: resumeRowKey, call };
  resumes.set(definition, operation);
  return operation;
}

/** The message `WorkflowData { bytes Data = 1; }` of DTM's wf.proto. */
function workflowData(data: Uint8Array): Payload {
  if (data.length === 0) return data;
  const head = [0x0a];
  let length = data.length;
  while (length > 0x7f) {
    head.push((length & 0x7f) | 0x80);
    length >>>= 7;
  }
  head.push(length);
  const message = new Uint8Array(head.length + data.length);
  message.set(head);
  message.set(data, head.length);
  return message;
}
