import type { CoordinatorVerbs } from '@tandem/coordinator';
import { TandemError } from '@tandem/protocol';
import { textParameter, type ApiRequest, type Endpoint } from './api-request.js';
import { success, type Reply } from './reply.js';

/** subscribe: adds a subscriber's URL to a topic, which it creates when it is the first. */
export function subscribe(verbs: CoordinatorVerbs): Endpoint<Reply> {
  return async (request) => {
    await verbs.subscribe(required(request, 'topic'), required(request, 'url'), textParameter(request, 'remark'));
    return success;
  };
}

/** unsubscribe: takes a subscriber's URL from a topic. */
export function unsubscribe(verbs: CoordinatorVerbs): Endpoint<Reply> {
  return async (request) => {
    await verbs.unsubscribe(required(request, 'topic'), required(request, 'url'));
    return success;
  };
}

/** DELETE topic/:name. */
export function deleteTopic(verbs: CoordinatorVerbs): Endpoint<Reply> {
  return async ({ tail }) => {
    if (tail === '') throw new TandemError('INVALID_REQUEST', 'the topic has no name');
    await verbs.deleteTopic(tail);
    return success;
  };
}

function required(request: ApiRequest, name: string): string {
  const text = textParameter(request, name);
  if (text === '') throw new TandemError('INVALID_REQUEST', `${name} is missing`);
  return text;
}
