import { isIP } from 'node:net';
import { TandemError } from '@tandem/protocol';
import { resolverSchemes } from './reachable.js';

/** A host that is still to be resolved, or an IP address, with its port. */
export interface GrpcEndpoint {
  readonly host: string;
  readonly port: number;
}

/** What every call of one gRPC branch URL needs, worked out once. */
export interface GrpcAddress {
  /** What shares connections, a limit and a breaker: scheme, hosts and ports. */
  readonly target: string;
  readonly isSecure: boolean;
  /** One, or several that the URL names with commas between. */
  readonly endpoints: readonly GrpcEndpoint[];
  /** `/package.Service/Method`. */
  readonly path: string;
}

const defaultPort = { plain: 80, secure: 443 } as const;
const path = /^\/[^/?#\s]+\/[^/?#\s]+$/;
const host = /^[0-9a-zA-Z._-]{1,253}$/;
const endpointsMax = 32;

/**
 * Reads `host:port/package.Service/Method`, with `grpc://` or `grpcs://` before it, or with a scheme under which gRPC resolves
 * names. `isSecureByDefault` counts where the scheme says nothing. Throws UNSUPPORTED_BRANCH_URL.
 */
export function parseGrpcAddress(url: string, isSecureByDefault: boolean): GrpcAddress {
  const { scheme, rest } = splitScheme(url);
  const slash = rest.indexOf('/');
  const hosts = slash === -1 ? '' : rest.slice(0, slash);
  const method = slash === -1 ? '' : rest.slice(slash);
  if (hosts === '' || !path.test(method)) throw unsupported(url);
  const isSecure = scheme === 'grpcs://' || (scheme !== 'grpc://' && isSecureByDefault);
  const names = hosts.split(',');
  if (names.length > endpointsMax) throw unsupported(url);
  const endpoints = names.map((name) => endpointOf(name, isSecure, url));
  const shown = endpoints.map(showEndpoint).join(',');
  return { target: `${isSecure ? 'grpcs' : 'grpc'}://${shown}`, isSecure, endpoints, path: method };
}

/** `host:port`, an IPv6 address in brackets. */
export function showEndpoint({ host, port }: GrpcEndpoint): string {
  return `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}

const schemes = ['grpc://', 'grpcs://', ...resolverSchemes];

function splitScheme(url: string): { readonly scheme: string; readonly rest: string } {
  const end = url.indexOf('://');
  if (end === -1) return { scheme: '', rest: url };
  const lower = url.slice(0, end + 4).toLowerCase();
  const scheme = schemes.find((candidate) => lower.startsWith(candidate));
  if (scheme === undefined) throw unsupported(url);
  return { scheme, rest: url.slice(scheme.length) };
}

function endpointOf(text: string, isSecure: boolean, url: string): GrpcEndpoint {
  const found = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text);
  if (found === null) throw unsupported(url);
  const [, address, name, digits] = found;
  const port = digits === undefined ? defaultPort[isSecure ? 'secure' : 'plain'] : Number(digits);
  const isGood = address === undefined ? host.test(name ?? '') : isIP(address) === 6;
  if (!isGood || port < 1 || port > 65_535) throw unsupported(url);
  return { host: (address ?? name ?? '').toLowerCase(), port };
}

function unsupported(url: string): TandemError {
  return new TandemError(
    'UNSUPPORTED_BRANCH_URL',
    `a gRPC branch must be host:port/package.Service/Method, not ${url.slice(0, 200)}`,
  );
}
