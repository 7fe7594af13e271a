import { TandemError } from '../errors.js';
import type { RetryPolicy } from '../retry/retry-policy.js';
import { countMember, durationMember, invalid, memberOf, objectOf, type JsonObject } from './json-members.js';

type Options = { -readonly [Name in keyof RetryPolicy]?: RetryPolicy[Name] };

/**
 * How calls are tried again: DTM's `retry_interval` and `retry_limit`, and our `retry` object
 * ({initial_ms, factor, max_ms, jitter, limit, then}), which goes before them.
 */
export function retryOptionsOf(body: JsonObject): Partial<RetryPolicy> {
  const options: Options = {};
  set(options, 'initialMs', durationMember(body, 'retry_interval', 1000));
  set(options, 'limit', countMember(body, 'retry_limit') || undefined);
  const member = memberOf(body, 'retry');
  if (member === undefined) return options;
  const retry = objectOf(member, 'retry');
  set(options, 'initialMs', durationMember(retry, 'initial_ms', 1, 'retry.initial_ms'));
  set(options, 'maxMs', durationMember(retry, 'max_ms', 1, 'retry.max_ms'));
  set(options, 'factor', numberMember(retry, 'factor', 1, 100));
  set(options, 'jitter', numberMember(retry, 'jitter', 0, 1));
  // Here 0 says what it means: not a single retry.
  set(options, 'limit', countMember(retry, 'limit', 'retry.limit'));
  set(options, 'then', thenMember(retry));
  checkSpan(options);
  return options;
}

function set<Name extends keyof Options>(options: Options, name: Name, value: Options[Name] | undefined): void {
  if (value !== undefined) options[name] = value;
}

function numberMember(retry: JsonObject, name: string, least: number, most: number): number | undefined {
  const value = memberOf(retry, name);
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !(value >= least && value <= most)) {
    throw invalid(`retry.${name}`, `a number from ${String(least)} to ${String(most)}`);
  }
  return value;
}

function thenMember(retry: JsonObject): RetryPolicy['then'] | undefined {
  const value = memberOf(retry, 'then');
  if (value === undefined || value === 'rollback' || value === 'pause' || value === 'fail') return value;
  throw invalid('retry.then', 'rollback, pause or fail');
}

function checkSpan({ initialMs, maxMs }: Options): void {
  if (initialMs !== undefined && maxMs !== undefined && initialMs > maxMs) {
    throw new TandemError('INVALID_REQUEST', 'retry.max_ms must not be less than retry.initial_ms');
  }
}
