/**
 * A definition as it is stored: one JSON list, the format number first, written once and never changed. Positions in
 * place of names keep it short; a new format is a new number beside this one, and both are read.
 */
import type { RetryPolicy } from '../retry/retry-policy.js';
import type { Definition, Protocol, Step, TransactionOptions, TransactionType } from '../transaction/definition.js';
import {
  parseStoredList,
  storedEntries,
  storedFlag,
  storedList,
  storedNumber,
  storedOptionalNumber,
  storedText,
  storedWord,
  unknownFormat,
} from './stored-json.js';
import { decodePayload, encodePayload } from './stored-payload.js';
import { decodeMethod, decodeRequest, encodeRequest } from './stored-request.js';

const format = 1;
/** With the request of each step, and the branch method among the options. */
const formatRequests = 2;
const what = 'definition';
const types: readonly TransactionType[] = ['saga', 'msg', 'tcc', 'xa', 'workflow'];
const protocols: readonly Protocol[] = ['http', 'grpc', 'json-rpc'];
const endings: readonly RetryPolicy['then'][] = ['rollback', 'pause', 'fail'];

/** A definition as stored text. */
export function encodeBody(definition: Definition): string {
  const hasRequests = definition.options.branchMethod !== undefined || definition.steps.some((step) => step.request);
  return JSON.stringify([
    hasRequests ? formatRequests : format,
    definition.type,
    definition.protocol,
    definition.isConcurrent ? 1 : 0,
    definition.steps.map((step) => encodeStep(step, hasRequests)),
    definition.orders,
    definition.subscribers,
    definition.queryPrepared,
    definition.customData,
    encodeOptions(definition.options, hasRequests),
  ]);
}

/** The definition of a stored text. Throws INTERNAL for what `encodeBody` of this version did not write. */
export function decodeBody(text: string): Definition {
  const list = parseStoredList(text, 10, what);
  const hasRequests = list[0] === formatRequests;
  if (list[0] !== format && !hasRequests) throw unknownFormat(list[0], what);
  return {
    type: storedWord(list[1], types, what),
    protocol: storedWord(list[2], protocols, what),
    isConcurrent: storedFlag(list[3], what),
    steps: storedList(list[4], undefined, what).map((step) => decodeStep(step, hasRequests)),
    orders: Object.fromEntries(storedEntries(list[5], what).map(([key, value]) => [key, numbersOf(value)])),
    subscribers: Object.fromEntries(storedEntries(list[6], what).map(([key, value]) => [key, textsOf(value)])),
    queryPrepared: storedText(list[7], what),
    customData: storedText(list[8], what),
    options: decodeOptions(list[9], hasRequests),
  };
}

function encodeStep(step: Step, hasRequests: boolean): unknown[] {
  const list = [step.action, step.compensate, encodePayload(step.payload), step.isAsync ? 1 : 0];
  return hasRequests ? [...list, encodeRequest(step.request)] : list;
}

function decodeStep(value: unknown, hasRequests: boolean): Step {
  const list = storedList(value, hasRequests ? 5 : 4, what);
  const request = hasRequests ? decodeRequest(list[4], what) : undefined;
  return {
    action: storedText(list[0], what),
    compensate: storedText(list[1], what),
    payload: decodePayload(list[2], what),
    isAsync: storedFlag(list[3], what),
    ...(request === undefined ? undefined : { request }),
  };
}

function encodeOptions(options: TransactionOptions, hasRequests: boolean): unknown[] {
  const { retry } = options;
  const list = [
    options.waitResult ? 1 : 0,
    options.timeoutToFailMs,
    options.requestTimeoutMs,
    options.checkIntervalMs,
    [retry.initialMs, retry.factor, retry.maxMs, retry.jitter, retry.limit, retry.then],
    options.branchHeaders,
  ];
  return hasRequests ? [...list, options.branchMethod] : list;
}

function decodeOptions(value: unknown, hasRequests: boolean): TransactionOptions {
  const list = storedList(value, hasRequests ? 7 : 6, what);
  const branchMethod = list[6] ?? undefined;
  return {
    waitResult: storedFlag(list[0], what),
    timeoutToFailMs: storedOptionalNumber(list[1], what),
    requestTimeoutMs: storedOptionalNumber(list[2], what),
    checkIntervalMs: storedOptionalNumber(list[3], what),
    retry: decodeRetry(list[4]),
    branchHeaders: Object.fromEntries(storedEntries(list[5], what).map(([key, text]) => [key, storedText(text, what)])),
    ...(branchMethod === undefined ? undefined : { branchMethod: decodeMethod(branchMethod, what) }),
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
