import { TandemError } from '../errors.js';
import { limits } from '../transaction/limits.js';
import type { Verdict } from '../transaction/machine.js';
import { invalid, memberOf, objectOf, textMember, type JsonObject } from './json-members.js';

/** `req_extra` of a workflow's submit: `{status, rollback_reason, result}`. Throws INVALID_REQUEST without a status. */
export function verdictOf(body: JsonObject): Verdict {
  const extra = objectOf(memberOf(body, 'req_extra') ?? {}, 'req_extra');
  const status = textMember(extra, 'status', 'req_extra.status');
  if (status !== 'succeed' && status !== 'failed') throw invalid('req_extra.status', 'succeed or failed');
  const result = textMember(extra, 'result', 'req_extra.result');
  if (result.length > limits.resultCharactersMax) {
    throw new TandemError(
      'LIMIT_EXCEEDED',
      `req_extra.result is longer than ${String(limits.resultCharactersMax)} characters`,
    );
  }
  return { status, reason: textMember(extra, 'rollback_reason', 'req_extra.rollback_reason'), result };
}
