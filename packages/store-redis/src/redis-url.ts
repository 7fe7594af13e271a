/** Reads a URL into all that it says; the only place that sees a password in it. */
import { readFileSync } from 'node:fs';
import { StoreError } from '@tandem/store';
import type { RedisAddress } from './engine/redis-address.js';
import type { TlsOptions } from './engine/redis-connection.js';

export type RedisPlace =
  | { readonly kind: 'single'; readonly address: RedisAddress }
  | { readonly kind: 'cluster'; readonly seeds: readonly RedisAddress[] }
  | { readonly kind: 'sentinel'; readonly sentinels: readonly RedisAddress[]; readonly masterName: string };

/** What a URL says. Undefined: it does not say. */
export interface RedisUrl {
  readonly place: RedisPlace;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  readonly tls: TlsOptions | undefined;
  readonly sentinelUsername: string | undefined;
  readonly sentinelPassword: string | undefined;
  readonly prefix: string | undefined;
  readonly shards: number | undefined;
  readonly waitReplicas: number | undefined;
  readonly waitTimeoutMs: number | undefined;
  readonly allowVolatileEviction: boolean | undefined;
}

const form = /^redis(s?)(?:-(cluster|sentinel))?:\/\/(?:([^@/]*)@)?([^/?#]+)(\/[^?#]*)?(?:\?([^#]*))?$/;
const orderOfTls = /^redis(?:-(cluster|sentinel))s:/;
const usualPort = 6379;
const usualSentinelPort = 26_379;

const queryNames = new Set([
  ...['shards', 'prefix', 'waitReplicas', 'waitTimeout', 'eviction', 'ca', 'cert', 'key', 'servername'],
  ...['sentinelUser', 'sentinelPassword'],
]);

/** Throws `StoreError` `incompatible` with one line that says what is wrong, without the URL itself. */
export function parseRedisUrl(url: string): RedisUrl {
  const match = form.exec(url.replace(orderOfTls, 'rediss-$1:'));
  if (match === null) {
    throw refused('it must look like redis://[user:password@]host:port[/db], see docs/stores/redis.md');
  }
  const [, secure, kind, userInfo, hosts = '', path = '', query = ''] = match;
  const settings = new URLSearchParams(query);
  for (const name of settings.keys()) if (!queryNames.has(name)) throw refused(`it does not know "${name}"`);
  const [username, password] = credentialsOf(userInfo);
  const parts = path.split('/').filter((part) => part !== '');
  const eviction = settings.get('eviction') ?? undefined;
  if (eviction !== undefined && eviction !== 'volatile') throw refused('eviction can be "volatile" alone');
  return {
    ...placeOf(kind, hosts, parts),
    username,
    password,
    tls: secure === 's' ? tlsOf(settings) : undefined,
    sentinelUsername: settings.get('sentinelUser') ?? undefined,
    sentinelPassword: settings.get('sentinelPassword') ?? undefined,
    prefix: settings.get('prefix') ?? undefined,
    shards: numberIn(settings, 'shards'),
    waitReplicas: numberIn(settings, 'waitReplicas'),
    waitTimeoutMs: numberIn(settings, 'waitTimeout'),
    allowVolatileEviction: eviction === undefined ? undefined : true,
  };
}

function placeOf(
  kind: string | undefined,
  hosts: string,
  parts: readonly string[],
): { readonly place: RedisPlace; readonly database: number } {
  switch (kind) {
    case 'cluster':
      if (parts.length > 0) throw refused('a cluster has no databases to choose from');
      return { place: { kind, seeds: addressesIn(hosts, usualPort) }, database: 0 };
    case 'sentinel': {
      const [masterName, database] = parts;
      if (masterName === undefined || parts.length > 2) throw refused('after the sentinels come /masterName[/db]');
      const sentinels = addressesIn(hosts, usualSentinelPort);
      return { place: { kind, sentinels, masterName: decoded(masterName) }, database: databaseIn(database) };
    }
    default: {
      const [address, ...others] = addressesIn(hosts, usualPort);
      if (address === undefined || others.length > 0)
        throw refused('several hosts need redis-cluster or redis-sentinel');
      if (parts.length > 1) throw refused('after the host comes at most a database');
      return { place: { kind: 'single', address }, database: databaseIn(parts[0]) };
    }
  }
}

function addressesIn(hosts: string, portWhereNone: number): readonly RedisAddress[] {
  return hosts.split(',').map((text) => {
    const match = /^(\[[^\]]+\]|[^:[\]]+)(?::(\d+))?$/.exec(text.trim());
    const port = Number(match?.[2] ?? portWhereNone);
    if (match?.[1] === undefined || port < 1 || port > 65_535) throw refused(`"${text}" is not host:port`);
    return { host: match[1].replace(/^\[|\]$/g, ''), port };
  });
}

function credentialsOf(userInfo: string | undefined): readonly [string | undefined, string | undefined] {
  if (userInfo === undefined) return [undefined, undefined];
  const colon = userInfo.indexOf(':');
  const username = decoded(colon < 0 ? userInfo : userInfo.slice(0, colon));
  const password = colon < 0 ? undefined : decoded(userInfo.slice(colon + 1));
  return [username === '' ? undefined : username, password === '' ? undefined : password];
}

function databaseIn(text: string | undefined): number {
  if (text === undefined) return 0;
  const database = Number(text);
  if (!/^\d+$/.test(text) || database > 65_535) throw refused('the database is a number');
  return database;
}

function tlsOf(settings: URLSearchParams): TlsOptions {
  const read = (name: 'ca' | 'cert' | 'key'): Partial<Record<typeof name, string>> => {
    const file = settings.get(name);
    if (file === null) return {};
    try {
      return { [name]: readFileSync(file, 'utf8') };
    } catch (error) {
      throw new StoreError('incompatible', `Redis: cannot read the file that "${name}" names`, { cause: error });
    }
  };
  const servername = settings.get('servername');
  return { ...read('ca'), ...read('cert'), ...read('key'), ...(servername === null ? {} : { servername }) };
}

function numberIn(settings: URLSearchParams, name: string): number | undefined {
  const text = settings.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw refused(`${name} is a number`);
  return Number(text);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refused('user, password or name is not properly escaped with %');
  }
}

function refused(reason: string): StoreError {
  return new StoreError('incompatible', `the URL of the Redis store: ${reason}`);
}
