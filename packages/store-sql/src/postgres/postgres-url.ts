/**
 * The URL of a PostgreSQL store, with libpq's names for what goes into its query. What a URL leaves out comes from PGHOST,
 * PGUSER, PGPASSWORD and the like, and a password also from ~/.pgpass.
 */
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { StoreError } from '@tandem/store';
import type { ClientConfig } from 'pg';

export interface PostgresPlace {
  readonly client: ClientConfig;
  readonly schema: string;
  /** Undefined: not said. */
  readonly connectionsMax: number | undefined;
  /** False for a pooler in transaction mode that does not keep them. */
  readonly preparesStatements: boolean;
}

const defaultSchema = 'tandem';
const sslModes = ['disable', 'require', 'verify-ca', 'verify-full'] as const;
type SslMode = (typeof sslModes)[number];
const known = [
  'host',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'application_name',
  'schema',
  'connections_max',
  'prepared_statements',
];

/** Rejects what it does not understand, without the URL: it may hold a password. */
export function readPostgresUrl(text: string): PostgresPlace {
  const url = parsed(text);
  const query = url.searchParams;
  for (const name of query.keys()) {
    // What does not look like a name may be a piece of a password with a ? in it.
    const shown = /^[\w-]+$/.test(name) ? name : '...';
    if (!known.includes(name)) throw wrong(`?${shown} is not known; there are ${known.join(', ')}`);
  }
  const host = query.get('host') ?? decoded(url.hostname);
  const database = decoded(url.pathname.slice(1));
  return {
    client: {
      ...(host === '' ? {} : { host: host.replace(/^\[|\]$/g, '') }),
      ...(url.port === '' ? {} : { port: Number(url.port) }),
      ...(url.username === '' ? {} : { user: decoded(url.username) }),
      ...(url.password === '' ? {} : { password: decoded(url.password) }),
      ...(database === '' ? {} : { database }),
      ssl: tlsOf(query),
      application_name: query.get('application_name') ?? 'tandem',
    },
    schema: query.get('schema') ?? defaultSchema,
    connectionsMax: numberOf(query.get('connections_max')),
    preparesStatements: isOn('prepared_statements', query.get('prepared_statements') ?? 'true'),
  };
}

function parsed(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw wrong('it is not a URL');
  }
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') throw wrong('it does not begin with postgres://');
  return url;
}

/** As libpq: `require` encrypts, and looks at the certificate only where a root is given. */
function tlsOf(query: URLSearchParams): false | ConnectionOptions {
  const root = query.get('sslrootcert');
  const mode = modeOf(query.get('sslmode'), root !== null);
  if (mode === 'disable') return false;
  const cert = query.get('sslcert');
  const key = query.get('sslkey');
  return {
    rejectUnauthorized: mode !== 'require',
    ...(root === null || root === 'system' ? {} : { ca: fileOf('sslrootcert', root) }),
    ...(cert === null ? {} : { cert: fileOf('sslcert', cert) }),
    ...(key === null ? {} : { key: fileOf('sslkey', key) }),
    ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
  };
}

function modeOf(asked: string | null, hasRoot: boolean): SslMode {
  if (asked === null) return hasRoot ? 'verify-full' : 'disable';
  const mode = sslModes.find((one) => one === asked);
  if (mode === undefined) throw wrong(`sslmode is one of ${sslModes.join(', ')}`);
  return mode === 'require' && hasRoot ? 'verify-ca' : mode;
}

function fileOf(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw wrong(`${name} cannot be read: ${path}`);
  }
}

function isOn(name: string, text: string): boolean {
  if (text !== 'true' && text !== 'false') throw wrong(`${name} is true or false`);
  return text === 'true';
}

function numberOf(text: string | null): number | undefined {
  if (text === null) return undefined;
  if (!/^[1-9]\d{0,3}$/.test(text)) throw wrong('connections_max is a number from 1 to 9999');
  return Number(text);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong('a % in it is not followed by two hexadecimal digits');
  }
}

function wrong(what: string): StoreError {
  return new StoreError('unavailable', `the URL of the PostgreSQL store: ${what}`);
}
