/**
 * DTM's JSON body of prepare and submit, read once at the door and trusted after that. Null and 0 count as absent, members
 * that nobody knows are ignored, and a wrong type is refused by the member's name.
 */
import { TandemError } from '../errors.js';
import { isTransactionType } from '../machines.js';
import type { Definition, Protocol, TransactionOptions, TransactionType } from '../transaction/definition.js';
import { parseGid, type Gid } from '../transaction/gid.js';
import { limits } from '../transaction/limits.js';
import type { OpenIntent } from '../transaction/machine.js';
import { branchHeadersOf } from './branch-headers.js';
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
import { parseSteps } from './parse-steps.js';
import { retryOptionsOf } from './retry-options.js';

/** What prepare and submit are asked with. */
export interface ParsedRequest {
  readonly gid: Gid;
  /** Without `subscribers`, which the coordinator fills in. */
  readonly definition: Definition;
  /** Message: how long after submit its branches may be called, in ms. */
  readonly delayMs: number;
  /** A submit of what was prepared may leave steps out: they are as stored. */
  readonly hasSteps: boolean;
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
  const type = typeOf(body);
  const schemes = options.schemes ?? httpSchemes;
  const steps = parseSteps(body, type, schemes);
  const customData = customDataOf(body);
  const custom = customOptionsOf(customData);
  const isConcurrent = booleanMember(body, 'concurrent') || (type === 'saga' && isConcurrentBy(custom));
  const definition: Definition = {
    type,
    protocol: protocolOf(body, options.protocols ?? ['http']),
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
  return { gid, definition, delayMs, hasSteps: steps.length > 0 };
}

function typeOf(body: JsonObject): TransactionType {
  const type = textMember(body, 'trans_type');
  if (!isTransactionType(type)) {
    throw new TandemError(
      'UNKNOWN_TRANSACTION_TYPE',
      `trans_type must be saga or msg, not ${JSON.stringify(type.slice(0, 40))}`,
    );
  }
  return type;
}

function protocolOf(body: JsonObject, known: readonly Protocol[]): Protocol {
  const asked = textMember(body, 'protocol') || 'http';
  const protocol = known.find((candidate) => candidate === asked);
  if (protocol === undefined) throw invalid('protocol', `one of ${known.join(', ')}, or left out`);
  return protocol;
}

function queryPreparedOf(
  body: JsonObject,
  type: TransactionType,
  intent: OpenIntent,
  schemes: readonly string[],
): string {
  const url = textMember(body, 'query_prepared');
  if (type !== 'msg') return '';
  if (url === '' && intent === 'prepare') {
    throw invalid('query_prepared', 'the URL of the back-check: without it a prepared message could not be decided');
  }
  checkBranchUrl(url, 'query_prepared', schemes);
  return url;
}

function customDataOf(body: JsonObject): string {
  const text = textMember(body, 'custom_data');
  if (text.length > limits.customDataCharactersMax) {
    throw new TandemError(
      'LIMIT_EXCEEDED',
      `custom_data is longer than ${String(limits.customDataCharactersMax)} characters`,
    );
  }
  return text;
}

/** Times in ms go before the same in seconds. */
function optionsOf(body: JsonObject): TransactionOptions {
  const ms = (name: string) => durationMember(body, `${name}_ms`, 1) ?? durationMember(body, name, 1000);
  return {
    waitResult: booleanMember(body, 'wait_result'),
    timeoutToFailMs: ms('timeout_to_fail'),
    requestTimeoutMs: ms('request_timeout'),
    retry: retryOptionsOf(body),
    checkIntervalMs: ms('check_interval'),
    branchHeaders: branchHeadersOf(body),
  };
}
