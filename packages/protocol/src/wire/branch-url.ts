import { TandemError } from '../errors.js';
import { topicScheme } from '../message/message-shape.js';
import type { Protocol } from '../transaction/definition.js';
import { limits } from '../transaction/limits.js';

/** URL prefixes that a branch may have where nobody says otherwise. */
export const httpSchemes: readonly string[] = ['http://', 'https://'];

/** Prefixes of gRPC branches that mean gRPC in any transaction. */
export const grpcSchemes: readonly string[] = ['grpc://', 'grpcs://'];

/** Among schemes: `host:port/package.Service/Method`, as DTM's SDKs name a gRPC branch. The caller reads it exactly. */
export const withoutScheme = '';

// White space and control characters have no place in a URL, and CR and LF would forge headers.
const forbidden = /[\u0000-\u0020\u007f]/;

/** Whether a transaction of that protocol has this URL called by gRPC: where it does not say so itself, the protocol does. */
export function isCalledByGrpc(url: string, protocol: Protocol): boolean {
  if (grpcSchemes.some((scheme) => startsWithScheme(url, scheme))) return true;
  return protocol !== 'http' && !httpSchemes.some((scheme) => startsWithScheme(url, scheme));
}

/** Refuses a URL that nobody could call; empty is a call that succeeds. `name` is what the message calls it. */
export function checkBranchUrl(url: string, name: string, schemes: readonly string[]): void {
  if (url === '') return;
  if (url.length > limits.urlCharactersMax) {
    throw new TandemError('LIMIT_EXCEEDED', `${name} is longer than ${String(limits.urlCharactersMax)} characters`);
  }
  const scheme = schemes.find((candidate) => startsWithScheme(url, candidate));
  if (scheme === undefined) {
    throw new TandemError('UNSUPPORTED_BRANCH_URL', `${name} must ${wantedOf(schemes)}`);
  }
  if (forbidden.test(url) || isHostMissing(url, scheme)) {
    throw new TandemError('UNSUPPORTED_BRANCH_URL', `${name} is not a URL: it needs a host, and no blanks`);
  }
}

/** The same for a message's action, which may name a topic instead. */
export function checkMessageAction(url: string, name: string, schemes: readonly string[]): void {
  checkBranchUrl(url, name, [...schemes, topicScheme]);
}

function wantedOf(schemes: readonly string[]): string {
  const prefixes = `start with ${schemes.filter((scheme) => scheme !== withoutScheme).join(' or ')}`;
  return schemes.includes(withoutScheme) ? `be host:port/package.Service/Method, or ${prefixes}` : prefixes;
}

/** Schemes are told without regard to case, as the URL standard has it; `topic://` is ours, and lower-case. */
function startsWithScheme(url: string, scheme: string): boolean {
  if (scheme === withoutScheme) return !url.includes('://');
  const start = url.slice(0, scheme.length);
  return scheme === topicScheme ? start === scheme : start.toLowerCase() === scheme;
}

function isHostMissing(url: string, scheme: string): boolean {
  const next = url.charAt(scheme.length);
  return next === '' || (scheme !== topicScheme && (next === '/' || next === '?' || next === '#'));
}
