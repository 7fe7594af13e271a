import { limits } from '../transaction/limits.js';
import type { BranchResult } from '../transaction/machine.js';

/** `strict`: the status code alone. `compatible`: a success may be taken back by DTM's older answer in the body. */
export type AnswerMode = 'strict' | 'compatible';

const success: BranchResult = { kind: 'success' };

/** How an HTTP answer of a participant reads; docs/protocol/answers.md has the table. */
export function readHttpAnswer(status: number, contentType: string, body: string, mode: AnswerMode): BranchResult {
  if (status === 409) return { kind: 'failure', reason: reasonOf(status, body) };
  if (status === 202 || status === 425) return { kind: 'ongoing', reason: reasonOf(status, body) };
  if (status < 200 || status > 299) return { kind: 'unknown', reason: `HTTP ${String(status)}: ${shortened(body)}` };
  return mode === 'compatible' ? olderAnswer(status, contentType, body) : success;
}

/** DTM's older rule, narrowed: `dtm_result` of a JSON object, or the bare word; never a word inside something else. */
function olderAnswer(status: number, contentType: string, body: string): BranchResult {
  // Nearly every body stops here, unparsed.
  if (!body.includes('FAILURE') && !body.includes('ONGOING')) return success;
  switch (wordOf(contentType, body)) {
    case 'FAILURE':
      return { kind: 'failure', reason: reasonOf(status, body) };
    case 'ONGOING':
      return { kind: 'ongoing', reason: reasonOf(status, body) };
    default:
      return success;
  }
}

function wordOf(contentType: string, body: string): unknown {
  const text = body.trim();
  if (text === 'FAILURE' || text === 'ONGOING') return text;
  // Old services call their JSON text/plain, or do not say; what says that it is something else is not theirs.
  if (contentType.startsWith('text/html') || contentType.startsWith('image/')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'string') return value;
    if (typeof value !== 'object' || value === null) return undefined;
    return Object.hasOwn(value, 'dtm_result') ? (value as { readonly dtm_result?: unknown }).dtm_result : undefined;
  } catch {
    return undefined;
  }
}

/** What the participant says for a person: `message` or `error` of its JSON (DTM's SDKs write the latter), or all of it. */
function reasonOf(status: number, body: string): string {
  const text = body.trim();
  if (text === '') return `HTTP ${String(status)}`;
  return shortened(text.startsWith('{') ? (saidIn(text) ?? text) : text);
}

function saidIn(json: string): string | undefined {
  try {
    const { message, error } = JSON.parse(json) as { readonly message?: unknown; readonly error?: unknown };
    const said = message ?? error;
    return typeof said === 'string' && said !== '' ? said : undefined;
  } catch {
    return undefined;
  }
}

function shortened(text: string): string {
  return text.length > limits.reasonCharactersMax ? text.slice(0, limits.reasonCharactersMax) : text;
}
