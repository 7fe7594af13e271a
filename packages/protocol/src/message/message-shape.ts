import { TandemError } from '../errors.js';
import { branchIdOf, stepRowKey, subscriberIdOf } from '../transaction/branch-id.js';
import type { Definition, Step } from '../transaction/definition.js';
import type { Operation } from '../transaction/due-calls.js';
import { limits } from '../transaction/limits.js';
import type { CallKey } from '../transaction/transaction.js';
import { rowKey } from '../transaction/transaction.js';

/** URL scheme of a step that is delivered to every subscriber of a topic. */
export const topicScheme = 'topic://';

/** The back-check: did the local transaction that the message belongs to commit? */
export const backCheckKey: CallKey = { branchId: '00', op: 'msg' };

/** One delivery of a message: a step, or one subscriber of a step's topic. */
export interface Delivery extends Operation {
  readonly isAsync: boolean;
}

/** What a message's plan needs of its definition, derived once per definition and kept beside it. */
export interface MessageShape {
  readonly timeoutMs: number;
  /** Every delivery in order, those with an empty URL among them. */
  readonly deliveries: readonly Delivery[];
  /** Those that are called, in order: followers wait for those that are not async. */
  readonly awaited: readonly Delivery[];
  readonly async: readonly Delivery[];
  readonly backCheck: Operation;
}

const shapes = new WeakMap<Definition, MessageShape>();

/** The shape of a definition; without a timeout, whichever was derived last. */
export function messageShape(definition: Definition, defaultTimeoutMs: number | undefined): MessageShape {
  const timeoutMs = definition.options.requestTimeoutMs ?? defaultTimeoutMs;
  const known = shapes.get(definition);
  if (known !== undefined && (timeoutMs === undefined || known.timeoutMs === timeoutMs)) return known;
  const shape = derive(definition, timeoutMs ?? 0);
  shapes.set(definition, shape);
  return shape;
}

function derive(definition: Definition, timeoutMs: number): MessageShape {
  const deliveries = definition.steps.flatMap((step, index) => deliveriesOf(definition, step, index, timeoutMs));
  const called = deliveries.filter((delivery) => delivery.call.url !== '');
  return {
    timeoutMs,
    deliveries,
    awaited: called.filter((delivery) => !delivery.isAsync),
    async: called.filter((delivery) => delivery.isAsync),
    backCheck: {
      key: rowKey(backCheckKey.branchId, backCheckKey.op),
      call: { ...backCheckKey, url: definition.queryPrepared, payload: '', timeoutMs },
    },
  };
}

function deliveriesOf(definition: Definition, step: Step, index: number, timeoutMs: number): Delivery[] {
  const make = (branchId: string, key: string, url: string): Delivery => ({
    key,
    call: { branchId, op: 'action', url, payload: step.payload, timeoutMs, request: step.request },
    isAsync: step.isAsync,
  });
  const urls = subscribersOf(definition, step);
  const [only] = urls;
  if (urls.length === 1 && only !== undefined) return [make(branchIdOf(index), stepRowKey(index, 'action'), only)];
  return urls.map((url, subscriber) => {
    const branchId = subscriberIdOf(index, subscriber);
    return make(branchId, rowKey(branchId, 'action'), url);
  });
}

function subscribersOf(definition: Definition, step: Step): readonly string[] {
  const topic = topicOf(step.action);
  if (topic === undefined) return [step.action];
  return Object.hasOwn(definition.subscribers, topic) ? (definition.subscribers[topic] ?? []) : [];
}

/** The topic that an action's URL names; undefined where it names none. */
export function topicOf(url: string): string | undefined {
  return url.startsWith(topicScheme) ? url.slice(topicScheme.length) : undefined;
}

/** Refuses a message that nobody would get, or too many. Throws TOPIC_NOT_FOUND or LIMIT_EXCEEDED. */
export function checkDeliveries(definition: Definition): void {
  let count = 0;
  for (const step of definition.steps) {
    const urls = subscribersOf(definition, step);
    if (urls.length === 0) throw new TandemError('TOPIC_NOT_FOUND', `${step.action} has no subscriber`);
    count += urls.length;
  }
  if (count > limits.branchesMax) {
    throw new TandemError('LIMIT_EXCEEDED', `the message has more than ${String(limits.branchesMax)} branches`);
  }
}
