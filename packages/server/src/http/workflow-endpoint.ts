import { workflowView } from '@tandem/protocol';
import type { Endpoint } from './api-request.js';
import { errorReply, isRefusal } from './error-reply.js';
import type { JsonVerbs } from './json-verbs.js';
import { jsonReply, type Reply } from './reply.js';

/** POST prepareWorkflow: the workflow and all that is recorded of it, whoever asks. */
export function prepareWorkflow(verbs: JsonVerbs): Endpoint<Reply> {
  return async ({ body, headers }) => jsonReply(200, workflowView(await verbs.prepareWorkflow(body, headers)));
}

/**
 * A refusal of it, as DTM's Go SDK can read it: it looks at no HTTP status, and a body without `transaction` crashes it. What was not
 * decided must not read as a failed workflow, nor as one that has recorded nothing: a `transaction` that is no object is an error to it.
 */
export function workflowErrorReply(error: unknown, body: unknown): Reply {
  const reply = errorReply(error);
  const said = JSON.parse(reply.body) as { readonly message: string };
  const transaction = isRefusal(error)
    ? { gid: gidOf(body), status: 'failed', rollback_reason: said.message }
    : 'unknown: ask again';
  return { ...reply, body: JSON.stringify({ ...said, transaction, progresses: [] }) };
}

function gidOf(body: unknown): string {
  const gid = typeof body === 'object' && body !== null ? (body as { readonly gid?: unknown }).gid : undefined;
  return typeof gid === 'string' ? gid : '';
}
