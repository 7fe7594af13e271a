import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { StoreError } from '@tandem/store';

/** How far a server's certificate is looked at; the words are those of MySQL's own clients. */
type SslMode = 'disabled' | 'required' | 'verify_ca' | 'verify_identity';

export interface MysqlHost {
  readonly host: string;
  readonly port: number;
}

export interface MysqlTls {
  /** The certificate must come from an authority that is known (`ca`, or else those that Node knows). */
  readonly rejectUnauthorized: boolean;
  /** It must be for the host that was asked for. */
  readonly verifyIdentity: boolean;
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/** What a URL says. */
export interface MysqlTarget {
  readonly hosts: readonly MysqlHost[];
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly tls: MysqlTls | undefined;
  readonly connectionsMax: number | undefined;
}

const parts = /^(?:mysql|mariadb):\/\/(?:(.*)@)?([^@/?]+)(?:\/([^/?@]*))?(?:\?(.*))?$/i;
const defaultPort = 3306;
const sslModes: readonly string[] = ['disabled', 'required', 'verify_ca', 'verify_identity'] satisfies SslMode[];
const sslParameters: readonly string[] = ['ssl-mode', 'ssl-ca', 'ssl-cert', 'ssl-key'];
const parameters: readonly string[] = [...sslParameters, 'connections_max'];

/**
 * Reads `mysql://USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?ssl-mode=...`. Throws `StoreError` `incompatible`, with a message that
 * shows neither user nor password.
 */
export function parseMysqlUrl(url: string): MysqlTarget {
  const [, login = '', hosts = '', database = '', query = ''] =
    parts.exec(url) ?? fail('it is not mysql://HOST/DATABASE');
  if (database === '') fail('it names no database');
  const colon = login.indexOf(':');
  const target = {
    hosts: hosts.split(',').map(hostOf),
    user: decoded(colon < 0 ? login : login.slice(0, colon)),
    password: colon < 0 ? '' : decoded(login.slice(colon + 1)),
    database: decoded(database),
    ...settingsOf(new URLSearchParams(query)),
  };
  demandNames(target);
  return target;
}

/** mysql2 would compare the certificate of an address with the name localhost, and take whoever has one for that. */
function demandNames({ hosts, tls }: Pick<MysqlTarget, 'hosts' | 'tls'>): void {
  const address = tls?.verifyIdentity === true ? hosts.find(({ host }) => isIP(host) !== 0) : undefined;
  if (address !== undefined) fail(`ssl-mode=verify_identity needs a name, which ${address.host} is not`);
}

function hostOf(text: string): MysqlHost {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text.trim()) ?? [];
  const host = bracketed ?? plain ?? fail(`${JSON.stringify(text)} is not HOST or HOST:PORT`);
  return { host, port: port === undefined ? defaultPort : Number(port) };
}

function settingsOf(query: URLSearchParams): Pick<MysqlTarget, 'tls' | 'connectionsMax'> {
  for (const name of query.keys()) {
    if (!parameters.includes(name)) fail(`it has no parameter ${name}; there are ${parameters.join(', ')}`);
  }
  const connections = query.get('connections_max');
  if (connections !== null && !/^[1-9]\d{0,3}$/.test(connections)) fail('connections_max is a number from 1 to 9999');
  return { tls: tlsOf(query), connectionsMax: connections === null ? undefined : Number(connections) };
}

function tlsOf(query: URLSearchParams): MysqlTls | undefined {
  const mode = modeOf(query);
  if (mode === 'disabled') return undefined;
  const file = <Name extends string>(name: Name, parameter: string): { readonly [key in Name]?: Buffer } => {
    const path = query.get(parameter);
    return path === null ? {} : ({ [name]: contentOf(path, parameter) } as { readonly [key in Name]: Buffer });
  };
  return {
    rejectUnauthorized: mode !== 'required',
    verifyIdentity: mode === 'verify_identity',
    ...file('ca', 'ssl-ca'),
    ...file('cert', 'ssl-cert'),
    ...file('key', 'ssl-key'),
  };
}

/** Who names an authority wants it asked, as with MySQL's own clients. */
function modeOf(query: URLSearchParams): SslMode {
  const asked = query.get('ssl-mode')?.toLowerCase() ?? (query.has('ssl-ca') ? 'verify_ca' : undefined);
  if (asked === undefined) return sslParameters.some((name) => query.has(name)) ? 'required' : 'disabled';
  if (!sslModes.includes(asked)) fail(`ssl-mode is one of ${sslModes.join(', ')}`);
  return asked as SslMode;
}

function contentOf(path: string, parameter: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    return fail(`the file of ${parameter} cannot be read`, error);
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return fail('a % in it stands for no character; write %25');
  }
}

function fail(what: string, cause?: unknown): never {
  throw new StoreError('incompatible', `the URL of the MySQL store: ${what}`, { cause });
}
