/**
 * Calls a participant from this process: a try, an XA branch's work, a workflow's step. The answer means what it means to the
 * coordinator (docs/protocol/answers.md).
 */
import { readHttpAnswer, type BranchResult } from '@tandem/protocol';
import { BranchFailure, BranchOngoing } from '../branch/branch-outcome.js';
import type { Connection } from '../coordinator/connection.js';
import { BranchUnclear, isTimeout } from '../errors.js';
import { httpUrl } from '../http-url.js';
import { isObject, parsedJson } from '../json.js';
import { validated } from '../schema/validate.js';
import { callByGrpc } from './call-by-grpc.js';
import { isGrpcUrl } from './grpc-calls.js';
import type { StandardSchemaV1 } from '../schema/standard-schema.js';
import { invalidOption } from '../option-names.js';

export interface ParticipantCall<T> {
  /** For messages: `branch "seat"`. */
  readonly owner: string;
  readonly gid: string;
  readonly url: string;
  /** Put into the query, in place of what is there under these names. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly method: string;
  /** Ready to send; undefined: no body. */
  readonly body: string | Uint8Array | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly result?: StandardSchemaV1<unknown, T> | undefined;
}

/**
 * What the participant answered, read as JSON. Throws `BranchFailure` where it refused, `BranchOngoing` where it is not done
 * yet, `BranchUnclear` where its answer, or its silence, says neither.
 */
export async function callParticipant<T>(connection: Connection, call: ParticipantCall<T>): Promise<T> {
  const { result, value } = await participantAnswer(connection, call);
  switch (result.kind) {
    case 'success':
      return validated(`the answer of ${call.owner}`, call.result, value);
    case 'failure':
      throw new BranchFailure(`${call.owner}: ${result.reason}`);
    case 'ongoing':
      throw new BranchOngoing(`${call.owner}: ${result.reason}`);
    case 'unknown':
      throw new BranchUnclear(call.gid, `${call.owner} at ${call.url} gave no clear answer: ${result.reason}`);
  }
}

/** The same, unjudged. Throws `BranchUnclear` where there is none. */
export function participantAnswer(
  connection: Connection,
  call: ParticipantCall<unknown>,
): Promise<{ readonly result: BranchResult; readonly value: unknown }> {
  return (isGrpcUrl(call.url) ? callByGrpc : callByHttp)(connection, call);
}

async function callByHttp({ fetch }: Connection, call: ParticipantCall<unknown>) {
  const { status, contentType, text } = await sent(fetch, call);
  return { result: readHttpAnswer(status, contentType, text, 'compatible'), value: jsonOf(text) };
}

async function sent(send: typeof fetch, call: ParticipantCall<unknown>) {
  const url = addressOf(call);
  const headers = { ...(call.body !== undefined && { 'content-type': 'application/json' }), ...call.headers };
  try {
    const response = await send(url.href, {
      method: call.method,
      headers,
      // As the coordinator: a participant that moved is asked where it is, not elsewhere.
      redirect: 'manual',
      signal: AbortSignal.timeout(call.timeoutMs),
      ...(call.body !== undefined && { body: call.body as string | Uint8Array<ArrayBuffer> }),
    });
    const contentType = response.headers.get('content-type') ?? '';
    return { status: response.status, contentType, text: await response.text() };
  } catch (error) {
    const said = isTimeout(error) ? `within ${call.timeoutMs} ms` : 'at all';
    throw new BranchUnclear(call.gid, `${call.owner} did not answer ${said}: ${url.origin}`, error);
  }
}

function addressOf({ owner, url, parameters }: ParticipantCall<unknown>): URL {
  const address = httpUrl(url);
  if (!address) {
    throw invalidOption(`the url of ${owner} must begin with http://, https:// or grpc://, not be "${url}"`);
  }
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  return address;
}

/** The body as JSON, or undefined where it is empty, no JSON, or nothing but "it succeeded" in DTM's words. */
function jsonOf(text: string): unknown {
  const value = parsedJson(text);
  const isBareSuccess = isObject(value) && 'dtm_result' in value && Object.keys(value).length === 1;
  return isBareSuccess ? undefined : value;
}
