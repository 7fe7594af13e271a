/**
 * A definition as it is stored: one JSON list, the format number first, written once and never changed. Positions in
 * place of names keep it short; a new format is a new number beside this one, and both are read.
 */
import type { RetryPolicy } from '../retry/retry-policy.js';
import type {
  Definition,
  Payload,
  Protocol,
  Step,
  TransactionOptions,
  TransactionType,
} from '../transaction/definition.js';
import { decodeBase64, encodeBase64 } from './base64.js';
import {
  parseStoredList,
  storedEntries,
  storedFlag,
  storedList,
  storedNumber,
  storedOptionalNumber,
  storedText,
  storedWord,
  unreadable,
} from './stored-json.js';

const format = 1;
const what = 'definition';
const types: readonly TransactionType[] = ['saga', 'msg'];
const protocols: readonly Protocol[] = ['http', 'grpc', 'json-rpc'];
const endings: readonly RetryPolicy['then'][] = ['rollback', 'pause', 'fail'];

/** A definition as stored text. */
export function encodeBody(definition: Definition): string {
  return JSON.stringify([
    format,
    definition.type,
    definition.protocol,
    definition.isConcurrent ? 1 : 0,
    definition.steps.map(encodeStep),
    definition.orders,
    definition.subscribers,
    definition.queryPrepared,
    definition.customData,
    encodeOptions(definition.options),
  ]);
}

/** The definition of a stored text. Throws INTERNAL for what `encodeBody` of this version did not write. */
export function decodeBody(text: string): Definition {
  const list = parseStoredList(text, 10, what);
  if (list[0] !== format) throw unreadable(`${what}: unknown format ${String(list[0])}`);
  return {
    type: storedWord(list[1], types, what),
    protocol: storedWord(list[2], protocols, what),
    isConcurrent: storedFlag(list[3], what),
    steps: storedList(list[4], undefined, what).map(decodeStep),
    orders: Object.fromEntries(storedEntries(list[5], what).map(([key, value]) => [key, numbersOf(value)])),
    subscribers: Object.fromEntries(storedEntries(list[6], what).map(([key, value]) => [key, textsOf(value)])),
    queryPrepared: storedText(list[7], what),
    customData: storedText(list[8], what),
    options: decodeOptions(list[9]),
  };
}

function encodeStep(step: Step): unknown[] {
  return [step.action, step.compensate, encodePayload(step.payload), step.isAsync ? 1 : 0];
}

function decodeStep(value: unknown): Step {
  const list = storedList(value, 4, what);
  return {
    action: storedText(list[0], what),
    compensate: storedText(list[1], what),
    payload: decodePayload(list[2]),
    isAsync: storedFlag(list[3], what),
  };
}

/** Text as it is; bytes as base64 inside a list, which no text can be. */
function encodePayload(payload: Payload): string | [string] {
  return typeof payload === 'string' ? payload : [encodeBase64(payload)];
}

function decodePayload(value: unknown): Payload {
  if (typeof value === 'string') return value;
  const bytes = decodeBase64(storedText(storedList(value, 1, what)[0], what));
  if (bytes === undefined) throw unreadable(what);
  return bytes;
}

function encodeOptions(options: TransactionOptions): unknown[] {
  const { retry } = options;
  return [
    options.waitResult ? 1 : 0,
    options.timeoutToFailMs,
    options.requestTimeoutMs,
    options.checkIntervalMs,
    [retry.initialMs, retry.factor, retry.maxMs, retry.jitter, retry.limit, retry.then],
    options.branchHeaders,
  ];
}

function decodeOptions(value: unknown): TransactionOptions {
  const list = storedList(value, 6, what);
  return {
    waitResult: storedFlag(list[0], what),
    timeoutToFailMs: storedOptionalNumber(list[1], what),
    requestTimeoutMs: storedOptionalNumber(list[2], what),
    checkIntervalMs: storedOptionalNumber(list[3], what),
    retry: decodeRetry(list[4]),
    branchHeaders: Object.fromEntries(storedEntries(list[5], what).map(([key, text]) => [key, storedText(text, what)])),
  };
}

function decodeRetry(value: unknown): Partial<RetryPolicy> {
  const list = storedList(value, 6, what);
  const number = (at: number) => storedOptionalNumber(list[at], what);
  const [initialMs, factor, maxMs, jitter, limit] = [number(0), number(1), number(2), number(3), number(4)];
  return {
    ...(initialMs === undefined ? undefined : { initialMs }),
    ...(factor === undefined ? undefined : { factor }),
    ...(maxMs === undefined ? undefined : { maxMs }),
    ...(jitter === undefined ? undefined : { jitter }),
    ...(limit === undefined ? undefined : { limit }),
    ...(list[5] === null ? undefined : { then: storedWord(list[5], endings, what) }),
  };
}

function numbersOf(value: unknown): readonly number[] {
  return storedList(value, undefined, what).map((entry) => storedNumber(entry, what));
}

function textsOf(value: unknown): readonly string[] {
  return storedList(value, undefined, what).map((entry) => storedText(entry, what));
}
