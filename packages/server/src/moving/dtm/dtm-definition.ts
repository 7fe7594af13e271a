/**
 * The definition of a DTM transaction: its rows are put together as the request that they came from, and that is read as
 * if it came in now. So what is moved means here exactly what it would have meant if it had been submitted here.
 */
import { checkName, parseTransactionRequest, TandemError, type ParsedRequest, type Payload } from '@tandem/protocol';
import { reachable } from '../../callers/reachable.js';
import type { DtmBranch, DtmTransaction } from '../../main/open-store.js';
import { topicOfSubscribers, type TopicNames } from './dtm-topics.js';

interface AskedStep {
  readonly action: string;
  readonly compensate: string;
  readonly payload: Payload;
}

/** Throws `TandemError` where Tandem would have refused such a request. */
export function definitionOf(dtm: DtmTransaction, topics: TopicNames): ParsedRequest {
  const subscribers: Record<string, readonly string[]> = {};
  const steps = stepsOf(dtm, topics, subscribers);
  const options = objectOf(dtm.options, 'options');
  const protocol = dtm.protocol === '' ? 'http' : dtm.protocol;
  const request = {
    ...options,
    branch_headers: { ...headersOf(dtm.extData), ...objectIn(options, 'branch_headers') },
    gid: dtm.gid,
    trans_type: dtm.transType,
    protocol,
    query_prepared: dtm.queryPrepared,
    custom_data: dtm.customData,
    ...(steps.length > 0 && {
      steps: steps.map(({ action, compensate }) => ({ action, compensate })),
      payloads: steps.map(({ payload }) => payload),
    }),
  };
  const parsed = parseTransactionRequest(request, intentOf(dtm), reachable(protocol));
  return { ...parsed, definition: { ...parsed.definition, subscribers } };
}

/** How it was created, as far as that can be told: a message may have been prepared or submitted at once. */
export function intentOf({ transType, status }: DtmTransaction): 'prepare' | 'submit' {
  if (transType === 'saga') return 'submit';
  return transType === 'msg' && status !== 'prepared' ? 'submit' : 'prepare';
}

function stepsOf(
  dtm: DtmTransaction,
  topics: TopicNames,
  subscribers: Record<string, readonly string[]>,
): readonly AskedStep[] {
  switch (dtm.transType) {
    case 'saga':
      return [...byStep(dtm.branches).values()].map(sagaStep);
    case 'msg':
      return [...byStep(dtm.branches)].map(([step, branches]) => {
        const urls = branches.map(({ url }) => url);
        const payload = payloadOf(dtm, branches);
        const topic = topicOfSubscribers(topics, urls) ?? (urls.length > 1 ? `dtm-step-${step}` : undefined);
        if (topic === undefined) return { action: urls[0] ?? '', compensate: '', payload };
        checkName(topic, 'the topic');
        subscribers[topic] = urls;
        return { action: `topic://${topic}`, compensate: '', payload };
      });
    default:
      return [];
  }

  function sagaStep(branches: readonly DtmBranch[]): AskedStep {
    const urlOf = (op: string) => branches.find((branch) => branch.op === op)?.url ?? '';
    return { action: urlOf('action'), compensate: urlOf('compensate'), payload: payloadOf(dtm, branches) };
  }
}

/** Branches by the number of their step (`01` of `01` and of `01-02`), in the order of steps. */
function byStep(branches: readonly DtmBranch[]): ReadonlyMap<string, readonly DtmBranch[]> {
  const steps = new Map<string, DtmBranch[]>();
  for (const branch of branches) {
    const number = branch.branchId.split('-')[0] ?? '';
    const step = steps.get(number);
    if (step === undefined) steps.set(number, [branch]);
    else step.push(branch);
  }
  const ordered = [...steps].sort(([one], [other]) => Number(one) - Number(other));
  ordered.forEach(([number], index) => {
    if (Number(number) !== index + 1) throw unfit(`its branches are not numbered one after the other: ${number}`);
  });
  return new Map(ordered);
}

function payloadOf(dtm: DtmTransaction, branches: readonly DtmBranch[]): Payload {
  return asPayload(dtm, branches[0]?.payload ?? new Uint8Array());
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** What came by HTTP is text and what came by gRPC is bytes; text that is no UTF-8 stays the bytes that it is. */
export function asPayload({ protocol }: Pick<DtmTransaction, 'protocol'>, bytes: Uint8Array): Payload {
  if (protocol === 'grpc') return bytes;
  try {
    return utf8.decode(bytes);
  } catch {
    return bytes;
  }
}

function headersOf(extData: string): Readonly<Record<string, unknown>> {
  return objectIn(objectOf(extData, 'ext_data'), 'headers');
}

function objectIn(object: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> {
  const member = object[name];
  return typeof member === 'object' && member !== null ? (member as Record<string, unknown>) : {};
}

function objectOf(json: string, column: string): Readonly<Record<string, unknown>> {
  if (json.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Told below, as anything else that is no object.
  }
  throw unfit(`its ${column} is not a JSON object`);
}

export function unfit(why: string): TandemError {
  return new TandemError('INVALID_REQUEST', why);
}
