import type { IncomingHttpHeaders } from 'node:http';
import type { CoordinatorVerbs, WorkflowProgress } from '@tandem/coordinator';
import {
  parseGid,
  parseRegistration,
  parseTransactionRequest,
  type OpenIntent,
  type Outcome,
  type ParsedRequest,
  type TransactionType,
} from '@tandem/protocol';
import { reachable } from '../callers/reachable.js';
import { bodyObject, booleanMember, checkTypeMember, secondsMember, textMember } from './api-request.js';
import { withTraceContext } from './trace-context.js';

/** The answer has to be on its way before the caller, who may use the same timeout for us, gives up. */
const shareOfRequestTimeout = 0.9;

/** The verbs as a JSON body asks for them, over HTTP or JSON-RPC. All reject with `TandemError`. */
export class JsonVerbs {
  readonly #verbs: CoordinatorVerbs;
  readonly #waitMaxMs: number;

  constructor(verbs: CoordinatorVerbs, waitMaxMs: number) {
    this.#verbs = verbs;
    this.#waitMaxMs = waitMaxMs;
  }

  prepare(body: unknown, headers: IncomingHttpHeaders): Promise<void> {
    return this.#verbs.prepare(requestOf(body, 'prepare', headers));
  }

  prepareWorkflow(body: unknown, headers: IncomingHttpHeaders): Promise<WorkflowProgress> {
    // The endpoint says what it is; DTM's SDKs name the type all the same, and another one is refused.
    const given = bodyObject(body);
    const named = textMember(given, 'trans_type') === '' ? { ...given, trans_type: 'workflow' } : given;
    return this.#verbs.prepareWorkflow(requestOf(named, 'prepare', headers));
  }

  /** `absentType`: what the body is for where it names no type. */
  registerBranch(body: unknown, absentType?: TransactionType): Promise<void> {
    const { schemes } = reachable(bodyObject(body)['protocol']);
    const options = absentType === undefined ? { schemes } : { schemes, absentType };
    const { gid, registration } = parseRegistration(body, options);
    return this.#verbs.registerBranch(gid, registration);
  }

  /** The outcome, if the body asks for it (`wait_result`); the wait is bounded by `waitMaxMs` and the body's own timeout. */
  async submit(body: unknown, headers: IncomingHttpHeaders, waitMaxMs = this.#waitMaxMs): Promise<Outcome | undefined> {
    const request = requestOf(body, 'submit', headers);
    const { waitResult, requestTimeoutMs } = request.definition.options;
    const outcome = await this.#verbs.submit(request, waitResult ? waitMs(waitMaxMs, requestTimeoutMs) : 0);
    return waitResult ? outcome : undefined;
  }

  /** With `wait_result` it resolves when all is rolled back, or the wait is over. The stored type is what counts. */
  abort(body: unknown, waitMaxMs = this.#waitMaxMs): Promise<void> {
    const given = bodyObject(body);
    checkTypeMember(given);
    const longest = booleanMember(given, 'wait_result')
      ? waitMs(waitMaxMs, secondsMember(given, 'request_timeout'))
      : 0;
    return this.#verbs.abort(parseGid(given['gid']), textMember(given, 'rollback_reason'), longest);
  }
}

function requestOf(body: unknown, intent: OpenIntent, headers: IncomingHttpHeaders): ParsedRequest {
  const given = withTraceContext(bodyObject(body), headers);
  return parseTransactionRequest(given, intent, reachable(bodyObject(given)['protocol']));
}

function waitMs(waitMaxMs: number, requestTimeoutMs: number | undefined): number {
  return Math.min(waitMaxMs, Math.floor((requestTimeoutMs ?? Infinity) * shareOfRequestTimeout));
}
