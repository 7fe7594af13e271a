import { TandemError } from '@tandem/protocol';

/** What every call of one URL needs, worked out once. */
export interface BranchAddress {
  /** Scheme, host and port: `http://host:8080`. */
  readonly origin: string;
  /** Path and own query, ready for more parameters: ends in `?` or `&`. */
  readonly pathPrefix: string;
  /** From a user and password in the URL; empty: none. */
  readonly authorization: string;
}

/** Reads a branch URL. Throws UNSUPPORTED_BRANCH_URL for a malformed one. */
export function parseBranchAddress(url: string): BranchAddress {
  if (!URL.canParse(url)) throw new TandemError('UNSUPPORTED_BRANCH_URL', `malformed branch URL: ${url.slice(0, 200)}`);
  const { origin, pathname, search, username, password } = new URL(url);
  const path = `${pathname}${search}`;
  return {
    origin,
    pathPrefix: search === '' ? `${pathname}?` : withSeparator(path),
    authorization: username === '' && password === '' ? '' : basic(username, password),
  };
}

function withSeparator(path: string): string {
  return path.endsWith('?') || path.endsWith('&') ? path : `${path}&`;
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64')}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
