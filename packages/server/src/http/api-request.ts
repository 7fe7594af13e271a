import type { IncomingHttpHeaders } from 'node:http';
import { parseGid, TandemError, transactionTypeOf, type Gid } from '@tandem/protocol';

/** A request as an endpoint sees it. */
export interface ApiRequest {
  readonly query: URLSearchParams;
  /** The parsed JSON; undefined where the body is empty. */
  readonly body: unknown;
  readonly headers: IncomingHttpHeaders;
  /** What follows a route's path where the route takes more, percent-decoded. */
  readonly tail: string;
}

/** Answers one request; what it throws becomes an error reply. */
export type Endpoint<Answer> = (request: ApiRequest) => Answer | Promise<Answer>;

/** The body as an object. Throws INVALID_REQUEST for anything else. */
export function bodyObject(body: unknown): Readonly<Record<string, unknown>> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  throw new TandemError('INVALID_REQUEST', 'the body must be a JSON object');
}

/** A member that is text; absent and null read as empty, as DTM's SDKs send them. */
export function textMember(body: Readonly<Record<string, unknown>>, name: string): string {
  const value = body[name] ?? '';
  if (typeof value === 'string') return value;
  throw new TandemError('INVALID_REQUEST', `${name} must be text`);
}

/** True or false; absent and null read as false. */
export function booleanMember(body: Readonly<Record<string, unknown>>, name: string): boolean {
  const value = body[name] ?? false;
  if (typeof value === 'boolean') return value;
  throw new TandemError('INVALID_REQUEST', `${name} must be true or false`);
}

/** A time in seconds, as ms; absent, null and 0 are undefined. */
export function secondsMember(body: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = body[name] ?? 0;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0)
    return value === 0 ? undefined : value * 1000;
  throw new TandemError('INVALID_REQUEST', `${name} must be a whole number from 0`);
}

/** The gid that a body names. */
export function gidMember(body: Readonly<Record<string, unknown>>): Gid {
  return parseGid(body['gid']);
}

/** Refuses a body that names a transaction type which does not exist; it may leave the type out. */
export function checkTypeMember(body: Readonly<Record<string, unknown>>): void {
  if (textMember(body, 'trans_type') !== '') transactionTypeOf(body);
}

/** A whole number in the query, or `absent` where the parameter is missing or empty. Throws INVALID_REQUEST otherwise. */
export function numberParameter<Absent>(query: URLSearchParams, name: string, absent: Absent): number | Absent {
  const text = query.get(name) ?? '';
  if (text === '') return absent;
  if (/^-?\d{1,15}$/.test(text)) return Number(text);
  throw new TandemError('INVALID_REQUEST', `${name} must be a whole number`);
}

/** True or false in the query; undefined where the parameter is missing or empty. */
export function toggleParameter(query: URLSearchParams, name: string): boolean | undefined {
  const text = query.get(name) ?? '';
  if (text === '') return undefined;
  if (text === 'true' || text === 'false') return text === 'true';
  throw new TandemError('INVALID_REQUEST', `${name} must be true or false`);
}

/** The text of a parameter of the query or, where it is not there, of the same member of a JSON body. */
export function textParameter(request: ApiRequest, name: string): string {
  const text = request.query.get(name);
  if (text !== null || request.body === undefined) return text ?? '';
  return textMember(bodyObject(request.body), name);
}
