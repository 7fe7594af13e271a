/**
 * DTM's JSON body of prepare and submit, read once at the door and trusted after that. Null and 0 count as absent, members
 * that nobody knows are ignored, and a wrong type is refused by the member's name.
 */
import { TandemError } from '../errors.js';
import type { Definition, Protocol, Step, TransactionOptions, TransactionType } from '../transaction/definition.js';
import { parseGid, type Gid } from '../transaction/gid.js';
import { limits } from '../transaction/limits.js';
import type { OpenIntent, Verdict } from '../transaction/machine.js';
import { branchHeadersOf } from './branch-headers.js';
import { methodOf } from './branch-request.js';
import { checkBranchUrl, httpSchemes } from './branch-url.js';
import { customOptionsOf, delayOf, isConcurrentBy, ordersOf } from './custom-data.js';
import {
  booleanMember,
  durationMember,
  invalid,
  memberOf,
  objectOf,
  textMember,
  type JsonObject,
} from './json-members.js';
import { fitsJsonRpc } from './json-rpc-branch.js';
import { parseSteps } from './parse-steps.js';
import { retryOptionsOf } from './retry-options.js';
import { transactionTypeOf } from './transaction-type.js';
import { verdictOf } from './verdict.js';

/** What prepare and submit are asked with. */
export interface ParsedRequest {
  readonly gid: Gid;
  /** Without `subscribers`, which the coordinator fills in. */
  readonly definition: Definition;
  /** Message: how long after submit its branches may be called, in ms. */
  readonly delayMs: number;
  /** A submit of what was prepared may leave steps out: they are as stored. */
  readonly hasSteps: boolean;
  /** Submit of a workflow: how its code ended. */
  readonly verdict: Verdict | undefined;
}

/** What the branch callers of this server can reach. */
export interface ParseOptions {
  /** URL prefixes, lower-case, with `://`. */
  readonly schemes?: readonly string[];
  readonly protocols?: readonly Protocol[];
}

/** Reads the body of prepare or submit. Throws `TandemError`; docs/errors.md lists the codes. */
export function parseTransactionRequest(value: unknown, intent: OpenIntent, options: ParseOptions = {}): ParsedRequest {
  const body = objectOf(value, 'the body');
  const gid = parseGid(memberOf(body, 'gid'));
  const type = transactionTypeOf(body);
  const schemes = options.schemes ?? httpSchemes;
  const steps = type === 'saga' || type === 'msg' ? parseSteps(body, type, schemes) : [];
  const protocol = protocolOf(body, options.protocols ?? ['http']);
  checkPayloads(steps, protocol);
  const customData = customDataOf(body, type);
  const custom = customOptionsOf(customData);
  const isConcurrent = booleanMember(body, 'concurrent') || (type === 'saga' && isConcurrentBy(custom));
  const definition: Definition = {
    type,
    protocol,
    steps,
    isConcurrent,
    orders: type === 'saga' ? ordersOf(custom, steps.length, isConcurrent) : {},
    subscribers: {},
    queryPrepared: queryPreparedOf(body, type, intent, schemes),
    customData,
    options: optionsOf(body),
  };
  // DTM takes such a saga and does nothing; a misspelt member would go unnoticed.
  if (type === 'saga' && steps.length === 0) throw invalid('steps', 'a list with at least one step');
  const delayMs = type === 'msg' ? (durationMember(body, 'delay_ms', 1) ?? delayOf(custom)) : 0;
  const verdict = type === 'workflow' && intent === 'submit' ? verdictOf(body) : undefined;
  return { gid, definition, delayMs, hasSteps: steps.length > 0, verdict };
}

function protocolOf(body: JsonObject, known: readonly Protocol[]): Protocol {
  const asked = textMember(body, 'protocol') || 'http';
  const protocol = known.find((candidate) => candidate === asked);
  if (protocol === undefined) throw invalid('protocol', `one of ${known.join(', ')}, or left out`);
  return protocol;
}

function checkPayloads(steps: readonly Step[], protocol: Protocol): void {
  const unfit = steps.findIndex(({ action, compensate, payload }) =>
    [action, compensate].some((url) => !fitsJsonRpc(protocol, url, payload)),
  );
  if (unfit === -1) return;
  throw invalid(`payloads[${String(unfit)}]`, 'a JSON object: its branch is called by JSON-RPC');
}

const whyNeeded = {
  msg: 'the URL of the back-check: without it a prepared message could not be decided',
  workflow: 'the URL of its service: without it a workflow could not be resumed',
} as const;

function queryPreparedOf(
  body: JsonObject,
  type: TransactionType,
  intent: OpenIntent,
  schemes: readonly string[],
): string {
  const url = textMember(body, 'query_prepared');
  if (type !== 'msg' && type !== 'workflow') return '';
  if (url === '' && intent === 'prepare') throw invalid('query_prepared', whyNeeded[type]);
  checkBranchUrl(url, 'query_prepared', schemes);
  return url;
}

/** A workflow's holds its input, which may be as large as any payload. */
function customDataOf(body: JsonObject, type: TransactionType): string {
  const text = textMember(body, 'custom_data');
  const charactersMax = type === 'workflow' ? limits.resultCharactersMax : limits.customDataCharactersMax;
  if (text.length > charactersMax) {
    throw new TandemError('LIMIT_EXCEEDED', `custom_data is longer than ${String(charactersMax)} characters`);
  }
  return text;
}

/** Times in ms go before the same in seconds. */
function optionsOf(body: JsonObject): TransactionOptions {
  const ms = (name: string) => durationMember(body, `${name}_ms`, 1) ?? durationMember(body, name, 1000);
  const branchMethod = methodOf(body, 'branch_method');
  return {
    waitResult: booleanMember(body, 'wait_result'),
    timeoutToFailMs: ms('timeout_to_fail'),
    requestTimeoutMs: ms('request_timeout'),
    retry: retryOptionsOf(body),
    checkIntervalMs: ms('check_interval'),
    branchHeaders: branchHeadersOf(body),
    ...(branchMethod === undefined ? undefined : { branchMethod }),
  };
}
