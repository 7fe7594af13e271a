import type { StoreEngine } from './store-engine.js';
import { readStoreUrl, shownStoreUrl, withPassword } from './store-url.js';

/** Where a store is and how it is opened: what `Store.Url`, or `Store.Driver` with its companions, comes down to. */
export type StoreLocation =
  | { readonly engine: 'sqlite'; readonly folder: string }
  | {
      readonly engine: Exclude<StoreEngine, 'sqlite'>;
      readonly url: string;
      /** Undefined: what the URL says, or as many as suit the engine. */
      readonly connectionsMax: number | undefined;
      /** PostgreSQL. Undefined: what the URL says, or `tandem`. */
      readonly schema: string | undefined;
      /** Redis: what every key begins with. Undefined: what the URL says, or `tandem`. */
      readonly prefix: string | undefined;
    };

/** The members of the configuration that say where the store is. */
export interface StoreChoice {
  readonly storeUrl: string | undefined;
  readonly storeDriver: StoreEngine | undefined;
  readonly dataFolder: string;
  readonly storeHost: string | undefined;
  readonly storePort: number | undefined;
  readonly storeUser: string | undefined;
  readonly storePassword: string | undefined;
  readonly storeDatabase: string | undefined;
  readonly storeSchema: string | undefined;
  readonly storeConnectionsMax: number | undefined;
  readonly storePrefix: string | undefined;
}

const defaultPorts = { postgres: 5432, mysql: 3306, redis: 6379, mongodb: 27_017 } as const;
/** DTM's default of `Store.Db`. */
const defaultDatabase = 'dtm';

/** The one place that the settings come down to; `storeContradictions` has found nothing. */
export function storeLocation(choice: StoreChoice): StoreLocation {
  if (choice.storeUrl === undefined) {
    const engine = choice.storeDriver ?? 'sqlite';
    if (engine === 'sqlite') return { engine, folder: choice.dataFolder };
    return { engine, url: composedUrl(engine, choice), ...namesOf(choice) };
  }
  const location = locationOfUrl(choice.storeUrl);
  if (location.engine === 'sqlite') return location;
  const { storePassword } = choice;
  const url = storePassword === undefined ? location.url : withPassword(location.url, storePassword);
  return { ...location, url, ...namesOf(choice) };
}

/** The location that a URL alone names. Throws an Error as `readStoreUrl` does. */
export function locationOfUrl(url: string): StoreLocation {
  const { engine, folder } = readStoreUrl(url);
  if (engine === 'sqlite') return { engine, folder };
  return { engine, url, connectionsMax: undefined, schema: undefined, prefix: undefined };
}

/** A location for logs and messages, without its password. */
export function shownLocation(location: StoreLocation): string {
  return location.engine === 'sqlite' ? `sqlite:${location.folder}` : shownStoreUrl(location.url);
}

/** What the settings of the store say against each other. */
export function storeContradictions(choice: StoreChoice): readonly string[] {
  const { storeUrl, storeDriver } = choice;
  if (storeUrl === undefined) return missingParts(choice);
  const found: string[] = [];
  const { engine } = readStoreUrl(storeUrl);
  if (storeDriver !== undefined && storeDriver !== engine) {
    found.push(`Store.Url names ${engine} and Store.Driver names ${storeDriver}: give one of them`);
  }
  const parts = {
    'Store.Host': choice.storeHost,
    'Store.Port': choice.storePort,
    'Store.User': choice.storeUser,
    'Store.Db': choice.storeDatabase,
  };
  const given = Object.entries(parts).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (given.length > 0 && engine !== 'sqlite') {
    found.push(`Store.Url says what ${given.join(', ')} would say: give one of them`);
  }
  return found;
}

function missingParts({ storeDriver, storeHost, storeUser }: StoreChoice): readonly string[] {
  const found: string[] = [];
  if (storeDriver === undefined || storeDriver === 'sqlite') return [];
  if (storeHost === undefined) found.push(`Store.Driver ${storeDriver} needs Store.Host (or give Store.Url)`);
  const needsUser = storeDriver === 'postgres' || storeDriver === 'mysql';
  if (needsUser && storeUser === undefined) found.push(`Store.Driver ${storeDriver} needs Store.User`);
  return found;
}

/** Settings that are of no use with this engine, or beside a URL, by their paths, and why. */
export function unusedStoreSettings({ engine }: StoreLocation, hasUrl: boolean): ReadonlyMap<string, string> {
  const paths = Object.entries(users).filter(([, engines]) => !engines.includes(engine));
  const reason = engine === 'sqlite' ? 'the embedded store has no such setting' : `${engine} has no such setting`;
  const unused = new Map(paths.map(([path]) => [path, reason]));
  if (engine === 'sqlite' && hasUrl) unused.set('Store.Folder', 'Store.Url names the folder');
  return unused;
}

const servers: readonly StoreEngine[] = ['postgres', 'mysql', 'redis', 'mongodb'];
const users: Readonly<Record<string, readonly StoreEngine[]>> = {
  'Store.Folder': ['sqlite'],
  'Store.Host': servers,
  'Store.Port': servers,
  'Store.User': servers,
  'Store.Password': servers,
  'Store.Db': ['postgres', 'mysql', 'mongodb'],
  'Store.Schema': ['postgres'],
  'Store.MaxOpenConns': ['postgres', 'mysql', 'mongodb'],
  'Store.RedisPrefix': ['redis'],
  'Store.StartWait': servers,
};

function namesOf({ storeConnectionsMax, storeSchema, storePrefix }: StoreChoice) {
  return {
    connectionsMax: storeConnectionsMax,
    schema: storeSchema,
    // DTM's default is `{a}`: braces would put every key into one slot, which ours are spread over by braces of their own.
    prefix: storePrefix?.replaceAll(/[{}]/g, ''),
  };
}

function composedUrl(engine: Exclude<StoreEngine, 'sqlite'>, choice: StoreChoice): string {
  const { storeHost = 'localhost', storePort = defaultPorts[engine], storeUser = '', storePassword = '' } = choice;
  const password = storePassword === '' ? '' : `:${encodeURIComponent(storePassword)}`;
  const login = storeUser === '' && password === '' ? '' : `${encodeURIComponent(storeUser)}${password}@`;
  const database = encodeURIComponent(choice.storeDatabase ?? defaultDatabase);
  const isCluster = storeHost.includes(',');
  const authority = isCluster ? storeHost.replaceAll(/\s/g, '') : `${bracketed(storeHost)}:${String(storePort)}`;
  switch (engine) {
    case 'redis':
      // As in DTM: hosts with their ports, joined by commas, are a cluster.
      return `${isCluster ? 'redis-cluster' : 'redis'}://${login}${authority}`;
    case 'mongodb':
      // Users live in `admin` unless somebody says otherwise, which takes a URL.
      return `mongodb://${login}${authority}/${database}${storeUser === '' ? '' : '?authSource=admin'}`;
    case 'postgres':
    case 'mysql':
      return `${engine}://${login}${authority}/${database}`;
  }
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
