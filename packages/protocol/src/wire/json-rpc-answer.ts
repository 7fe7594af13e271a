import { limits } from '../transaction/limits.js';
import type { BranchResult } from '../transaction/machine.js';
import type { AnswerMode } from './http-answer.js';

/** DTM's error codes of a JSON-RPC answer; they decide as numbers alone, whatever the text beside them says. */
export const jsonRpcCodes = { failure: -32901, ongoing: -32902 } as const;

const success: BranchResult = { kind: 'success' };

/** One answer of a participant, as it came. */
export interface JsonRpcAnswer {
  readonly status: number;
  readonly body: string;
  /** The id of the call that it must answer. */
  readonly id: string;
}

/** How a JSON-RPC answer of a participant reads, whatever its HTTP status; docs/protocol/answers.md has the table. */
export function readJsonRpcAnswer({ status, body, id }: JsonRpcAnswer, mode: AnswerMode): BranchResult {
  const answer = parsed(body);
  if (Array.isArray(answer)) return unclear(status, 'a batch answers a single call', body);
  if (!isObject(answer)) return unclear(status, 'no JSON-RPC answer', body);
  if (answer['id'] !== id) return unclear(status, 'the answer has another id than the call', body);
  // Version 1 has no such member, and its answers read alike.
  if (![undefined, null, '2.0'].includes(answer['jsonrpc'] as string)) {
    return unclear(status, 'the answer is not of JSON-RPC 2.0', body);
  }
  const error = answer['error'] ?? undefined;
  if (error !== undefined) return errorResult(status, error, body);
  // `"error": null` without a result is how services with DTM's SDKs say that all is well.
  if (!Object.hasOwn(answer, 'result') && !Object.hasOwn(answer, 'error')) {
    return unclear(status, 'the answer has neither result nor error', body);
  }
  return mode === 'compatible' ? olderResult(answer['result']) : success;
}

function errorResult(status: number, error: unknown, body: string): BranchResult {
  if (!isObject(error)) return unclear(status, 'the error is no object', body);
  const message = typeof error['message'] === 'string' ? shortened(error['message']) : '';
  switch (error['code']) {
    case jsonRpcCodes.failure:
      return { kind: 'failure', reason: message || 'JSON-RPC -32901' };
    case jsonRpcCodes.ongoing:
      return { kind: 'ongoing', reason: message || 'JSON-RPC -32902' };
    default:
      return { kind: 'unknown', reason: shortened(`JSON-RPC ${shownCode(error['code'])}: ${message}`) };
  }
}

/** DTM's older answer in the place of a result. */
function olderResult(result: unknown): BranchResult {
  const word = isObject(result) ? result['dtm_result'] : result;
  if (word === 'FAILURE') return { kind: 'failure', reason: 'the result says FAILURE' };
  if (word === 'ONGOING') return { kind: 'ongoing', reason: 'the result says ONGOING' };
  return success;
}

function unclear(status: number, why: string, body: string): BranchResult {
  return { kind: 'unknown', reason: shortened(`HTTP ${String(status)}: ${why}: ${body}`) };
}

function shownCode(code: unknown): string {
  return typeof code === 'number' ? String(code) : 'error without a number for a code';
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shortened(text: string): string {
  return text.length > limits.reasonCharactersMax ? text.slice(0, limits.reasonCharactersMax) : text;
}
