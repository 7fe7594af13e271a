import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { shownConfig } from '../telemetry/shown-config.js';
import { ConfigError } from './config-error.js';
import { resolveConfig } from './resolve-config.js';
import { locationOfUrl, shownLocation, storeLocation } from './store-location.js';
import { readStoreUrl, shownStoreUrl } from './store-url.js';

const open = { connectionsMax: undefined, schema: undefined, prefix: undefined };

function located(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  return storeLocation(resolveConfig(args, environment).config);
}

function problems(args: readonly string[], environment: Readonly<Record<string, string>> = {}): readonly string[] {
  try {
    resolveConfig(args, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

/** What DTM's conf.yml with this Store block comes down to, and what the log is told. */
function ofFile(content: string) {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-store-conf-'));
  try {
    const path = join(folder, 'conf.yml');
    writeFileSync(path, content);
    const { config, notices } = resolveConfig(['-c', path], {});
    return { location: storeLocation(config), notices: notices.map((notice) => notice.replace(path, 'FILE')) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('one setting names any store', () => {
  test.each([
    ['postgres://u:p@h/db', 'postgres'],
    ['postgresql://h/db?sslmode=require', 'postgres'],
    ['mysql://u@h:3307/db', 'mysql'],
    ['mariadb://h/db', 'mysql'],
    ['redis://h', 'redis'],
    ['rediss://h:6380/2', 'redis'],
    ['redis-sentinel://a:1,b:2/mymaster', 'redis'],
    ['rediss-sentinel://a:1/mymaster', 'redis'],
    ['redis-cluster://a:1,b:2', 'redis'],
    ['rediss-cluster://a:1,b:2', 'redis'],
    ['mongodb://a,b/db?replicaSet=r', 'mongodb'],
    ['mongodb+srv://a/db', 'mongodb'],
  ] as const)('%s', (url, engine) => {
    expect(located(['--store', url])).toEqual({ engine, url, ...open });
    expect(located([], { TANDEM_STORE: url })).toEqual({ engine, url, ...open });
    expect(locationOfUrl(url)).toEqual({ engine, url, ...open });
  });

  test.each([
    ['sqlite:./data', './data'],
    ['sqlite:/srv/tandem', '/srv/tandem'],
    ['sqlite:///srv/tandem', '/srv/tandem'],
    ['sqlite://data', 'data'],
  ])('%s', (url, folder) => {
    expect(located(['--store', url])).toEqual({ engine: 'sqlite', folder });
    expect(shownLocation(locationOfUrl(url))).toBe(`sqlite:${folder}`);
  });

  test('where nobody says anything it is the folder of the embedded store', () => {
    expect(located([])).toEqual({ engine: 'sqlite', folder: './data' });
    expect(located(['--data', '/srv'])).toEqual({ engine: 'sqlite', folder: '/srv' });
  });

  test('names beside it, and a password that it leaves out', () => {
    const environment = { STORE_PASSWORD: 'p@ss/word', STORE_SCHEMA: 's', STORE_MAX_OPEN_CONNS: '7' };
    expect(located(['--store', 'postgres://u@h/db'], environment)).toEqual({
      engine: 'postgres',
      url: 'postgres://u:p%40ss%2Fword@h/db',
      schema: 's',
      connectionsMax: 7,
      prefix: undefined,
    });
    expect(located(['--store', 'redis://h'], { STORE_PASSWORD: 'p' })).toMatchObject({ url: 'redis://:p@h' });
    expect(located(['--store', 'redis://u:own@h'], { STORE_PASSWORD: 'p' })).toMatchObject({ url: 'redis://u:own@h' });
  });
});

describe('no password is ever shown', () => {
  test.each([
    ['postgres://u:p@h:1/db', 'postgres://u:***@h:1/db'],
    ['postgres://u:p@ss/w@rd@h/db', 'postgres://u:***@h/db'],
    ['redis://:p@h', 'redis://:***@h'],
    ['postgres://u@h/db?password=p&x=1', 'postgres://u@h/db?password=***&x=1'],
    ['mongodb://a:1,b:2/db', 'mongodb://a:1,b:2/db'],
    ['sqlite:./data', 'sqlite:./data'],
  ])('%s', (url, shown) => {
    expect(shownStoreUrl(url)).toBe(shown);
  });

  test('in the log of the settings', () => {
    const { config } = resolveConfig(['--store', 'postgres://u:hunter2@h/db'], { STORE_PASSWORD: 'hunter2' });
    expect(shownConfig(config)).toEqual({ 'Store.Url': 'postgres://u:***@h/db', 'Store.Password': '[redacted]' });
  });

  test.each([
    ...['postgress://u:hunter2@h/db', 'postgres:hunter2', 'sqlite:', 'redis://', 'redis://u:hunter2@', 'hunter2'],
    // Characters that should have been escaped: a part of the password would be looked up as the host.
    ...[
      'postgres://u:hun@hunter2/x@h/db',
      'redis://u:hunter2#x@h',
      'mysql://u:hunter2?x@h/db',
      'mysql://u:hunter2%@h/db',
    ],
  ])('in what is wrong with %s', (url) => {
    expect(() => readStoreUrl(url)).toThrow();
    const [problem] = problems(['--store', url]);
    expect(problem).toMatch(/^flag --store must be /);
    expect(problem).not.toContain('hunter2');
  });
});

describe("DTM's Store blocks work as they are", () => {
  test('mysql', () => {
    const { location, notices } = ofFile(
      "Store:\n  Driver: 'mysql'\n  Host: 'localhost'\n  User: 'root'\n  Password: ''\n  Port: 3306\n  Db: 'dtm'\n" +
        '  MaxOpenConns: 50\n  MaxIdleConns: 50\n  ConnMaxLifeTime: 5\n',
    );
    expect(location).toEqual({ ...open, engine: 'mysql', url: 'mysql://root@localhost:3306/dtm', connectionsMax: 50 });
    expect(notices).toEqual([
      expect.stringMatching(/^Store.MaxIdleConns in FILE is accepted and does nothing: /),
      expect.stringMatching(/^Store.ConnMaxLifeTime in FILE is accepted and does nothing: /),
    ]);
  });

  test('boltdb', () => {
    expect(ofFile("Store:\n  Driver: 'boltdb'\n")).toEqual({
      location: { engine: 'sqlite', folder: './data' },
      notices: [],
    });
  });

  test('redis', () => {
    const { location, notices } = ofFile(
      "Store:\n  Driver: 'redis'\n  Host: 'localhost'\n  User: ''\n  Password: 'secret'\n  Port: 6379\n" +
        "  RedisPrefix: '{a}'\n  DataExpire: 604800\n  FinishedDataExpire: 86400\n",
    );
    expect(location).toEqual({ ...open, engine: 'redis', url: 'redis://:secret@localhost:6379', prefix: 'a' });
    expect(notices).toEqual([expect.stringMatching(/^Store.DataExpire in FILE is accepted and does nothing: /)]);
  });

  test('redis as a cluster', () => {
    const { location } = ofFile("Store:\n  Driver: redis\n  Host: 'a:7000,b:7001'\n  Port: 6379\n");
    expect(location).toMatchObject({ engine: 'redis', url: 'redis-cluster://a:7000,b:7001' });
  });

  test('postgres', () => {
    const { location, notices } = ofFile(
      "Store:\n  Driver: 'postgres'\n  Host: 'localhost'\n  User: 'postgres'\n  Password: 'mysecretpassword'\n" +
        "  Port: '5432'\n  Db: 'postgres'\n  Schema: 'public'\n",
    );
    const url = 'postgres://postgres:mysecretpassword@localhost:5432/postgres';
    expect(location).toEqual({ ...open, engine: 'postgres', url, schema: 'public' });
    expect(notices).toEqual([]);
  });

  test('by the environment alone, with the default database and port', () => {
    const environment = { STORE_DRIVER: 'postgresql', STORE_HOST: '::1', STORE_USER: 'a b' };
    expect(located([], environment)).toMatchObject({ url: 'postgres://a%20b@[::1]:5432/dtm' });
    expect(located([], { ...environment, STORE_DRIVER: 'mariadb', STORE_HOST: 'db' })).toMatchObject({
      url: 'mysql://a%20b@db:3306/dtm',
    });
    expect(located([], { ...environment, STORE_DRIVER: 'mongo', STORE_HOST: 'db' })).toMatchObject({
      url: 'mongodb://a%20b@db:27017/dtm?authSource=admin',
    });
  });

  test('what an engine has no use for is said', () => {
    const { notices } = resolveConfig([], { STORE_HOST: 'db', STORE_PASSWORD: 'hunter2', STORE_DRIVER: 'boltdb' });
    expect(notices).toEqual([
      'environment STORE_HOST is accepted and does nothing: the embedded store has no such setting',
      'environment STORE_PASSWORD is accepted and does nothing: the embedded store has no such setting',
    ]);
    expect(resolveConfig(['--store', 'mysql://h/d', '--data', 'x'], {}).notices).toEqual([
      'flag --data is accepted and does nothing: mysql has no such setting',
    ]);
    expect(resolveConfig(['--store', 'sqlite:a', '--data', 'b'], {}).notices).toEqual([
      'flag --data is accepted and does nothing: Store.Url names the folder',
    ]);
  });
});

describe('what contradicts itself is refused', () => {
  test.each([
    [{ STORE_DRIVER: 'mysql' }, 'Store.Url names postgres and Store.Driver names mysql: give one of them'],
    [{ STORE_HOST: 'h', STORE_DB: 'd' }, 'Store.Url says what Store.Host, Store.Db would say: give one of them'],
  ])('a URL and %j', (environment, problem) => {
    expect(problems(['--store', 'postgres://h/db'], environment)).toEqual([problem]);
  });

  test('the same engine twice is no contradiction', () => {
    expect(problems(['--store', 'postgres://h/db'], { STORE_DRIVER: 'postgresql' })).toEqual([]);
  });

  test.each([
    [{ STORE_DRIVER: 'redis' }, ['Store.Driver redis needs Store.Host (or give Store.Url)']],
    [{ STORE_DRIVER: 'mysql', STORE_HOST: 'h' }, ['Store.Driver mysql needs Store.User']],
  ])('%j', (environment, expected) => {
    expect(problems([], environment)).toEqual(expected);
  });
});
