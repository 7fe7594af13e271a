/** What somebody is told whose database is not to be had, on the real engines; and that one which is coming up is waited for. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { freePort } from '../../../scripts/processes/free-port.mjs';
import { openInstance, type Instance } from '../../../scripts/services/instance.mjs';
import { TandemProcess } from './tandem-process.js';

const running: TandemProcess[] = [];
const instances: Instance[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((process) => process.end()));
  await Promise.all(instances.splice(0).map((instance) => instance.close()));
});

/** Redis has no named databases, and MongoDB's driver looks for a server for long. */
function suffixOf(scheme: string): string {
  if (scheme === 'redis') return '/0';
  return scheme === 'mongodb' ? '/d?serverSelectionTimeoutMS=2000' : '/d';
}

function start(url: string, ...more: readonly string[]): TandemProcess {
  const process = new TandemProcess(['start', '--http-port', '0', '--grpc-port', '0', '--store', url, ...more]);
  running.push(process);
  return process;
}

/** The one line of a start that fails. */
async function failure(url: string, ...more: readonly string[]): Promise<string> {
  const process = start(url, '--log-level', 'silent', ...more);
  expect(await process.exited).toMatchObject({ code: 1 });
  expect(process.errors).not.toContain('hunter2');
  expect(process.errors.split('\n')).toHaveLength(2);
  return process.errors.trim();
}

describe('a database that is not there', () => {
  test.each(['postgres', 'mysql', 'redis', 'mongodb'])('%s', async (scheme) => {
    const place = `127.0.0.1:${String(await freePort())}/d`;
    const said = await failure(
      `${scheme}://u:hunter2@${place.replace('/d', suffixOf(scheme))}`,
      '--store-start-wait',
      '0',
    );
    expect(said).toMatch(
      new RegExp(`^tandem: the store at ${scheme}://u:\\*\\*\\*@127.0.0.1:\\d+/\\S+ does not open: .*ECONNREFUSED`),
    );
    expect(said).toContain('; start the database, or correct the host and port');
  });

  test('is waited for, with a line in the log for each try, and then it is over', async () => {
    const process = start(`mysql://u:hunter2@127.0.0.1:${String(await freePort())}/d`, '--store-start-wait', '3');
    expect(await process.exited).toMatchObject({ code: 1 });
    // A try is a second after the one before, or later where the machine is busy, the last one when the wait is over.
    const lines = process.errors.match(/the store cannot be reached yet; trying again/g);
    expect([2, 3]).toContain(lines?.length);
    expect(process.errors).not.toContain('hunter2');
  });
});

const postgres = process.env['TANDEM_TEST_POSTGRES_URL'] ?? '';
describe.skipIf(postgres === '')(`PostgreSQL${postgres === '' ? ' (needs TANDEM_TEST_POSTGRES_URL)' : ''}`, () => {
  test('a database that does not exist fails at once', async () => {
    const url = new URL(postgres);
    url.pathname = '/nowhere';
    expect(await failure(url.href)).toMatch(
      /"nowhere" does not exist; create the database first; Tandem creates only what is in it$/,
    );
  });

  test('a user who may create nothing', async () => {
    const admin = new pg.Client(postgres);
    await admin.connect();
    await admin.query('drop role if exists tandem_test_guest');
    await admin.query('create role tandem_test_guest login');
    try {
      const url = new URL(postgres);
      url.username = 'tandem_test_guest';
      url.searchParams.set('schema', 'tandem_test_of_a_guest');
      expect(await failure(url.href)).toMatch(/permission denied .*; grant this user what docs\/stores lists$/);
    } finally {
      await admin.query('drop role tandem_test_guest');
      await admin.end();
    }
  });
});

const mariadb = process.env['TANDEM_TEST_MARIADB_URL'] ?? '';
const mysql = process.env['TANDEM_TEST_MYSQL_URL'] ?? '';
describe.each([
  { title: 'MariaDB', server: mariadb, needs: mariadb === '' ? ' (needs TANDEM_TEST_MARIADB_URL)' : '' },
  { title: 'MySQL', server: mysql, needs: mysql === '' ? ' (needs TANDEM_TEST_MYSQL_URL)' : '' },
])('$title$needs', ({ server }) => {
  test.skipIf(server === '')('a wrong password, a missing database and a missing right fail at once', async () => {
    const url = new URL(server);
    const admin = await createConnection(server);
    await admin.query(`drop user if exists tandem_test_guest@'%'`);
    await admin.query(`create user tandem_test_guest@'%' identified by 'right'`);
    try {
      url.username = 'tandem_test_guest';
      url.password = 'hunter2';
      expect(await failure(url.href)).toMatch(/Access denied .*; correct the user and password \(STORE_PASSWORD gives/);
      url.password = 'right';
      expect(await failure(url.href)).toMatch(
        /Access denied .* to database .*; grant this user what docs\/stores lists$/,
      );
      url.username = 'root';
      url.password = '';
      url.pathname = '/nowhere';
      expect(await failure(url.href)).toMatch(/Unknown database 'nowhere'; create the database first/);
    } finally {
      await admin.query(`drop user tandem_test_guest@'%'`);
      await admin.end();
    }
  });
});

const hasPostgres = (process.env['TANDEM_TEST_POSTGRES_PROGRAMS'] ?? '') !== '';
const needsPostgres = hasPostgres ? '' : ' (needs TANDEM_TEST_POSTGRES_PROGRAMS)';
describe.skipIf(!hasPostgres)(`a PostgreSQL of its own${needsPostgres}`, () => {
  async function own(): Promise<{ url: string; admin: pg.Client }> {
    const instance = await openInstance('postgres', []);
    instances.push(instance);
    let admin = new pg.Client(instance.url);
    // It listens a moment before it takes connections.
    const connected = async () => {
      admin = new pg.Client(instance.url);
      await admin.connect();
      return true;
    };
    await expect.poll(() => connected().catch(() => false)).toBe(true);
    return { url: instance.url, admin };
  }

  /** What a new connection is told: settings that were changed are read by the server when it comes to it. */
  async function answerOf(url: string, question: string): Promise<unknown> {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      const { rows } = await client.query<unknown[]>({ text: question, rowMode: 'array' });
      return rows[0]?.[0];
    } finally {
      await client.end();
    }
  }

  test('that is read-only fails at once', async () => {
    const { url, admin } = await own();
    const first = start(url);
    await first.url();
    await first.end();
    await admin.query('alter system set default_transaction_read_only = on');
    await admin.query('select pg_reload_conf()');
    await admin.end();
    await expect.poll(() => answerOf(url, 'show default_transaction_read_only')).toBe('on');
    expect(await failure(url)).toMatch(/does not open: .*the server is read-only: /);
  });

  test('that asks for a password where there is none fails at once, and the process ends', async () => {
    const { url, admin } = await own();
    await admin.query(`create role guest login password 'right'`);
    const { rows } = await admin.query<{ path: string }>(`select current_setting('hba_file') as path`);
    const path = rows[0]?.path ?? '';
    writeFileSync(path, `host all guest all scram-sha-256\n${readFileSync(path, 'utf8')}`);
    await admin.query('select pg_reload_conf()');
    await admin.end();
    const guest = new URL(url);
    guest.username = 'guest';
    // A connection that it lets in without one would be a start that succeeds.
    await expect.poll(() => answerOf(guest.href, `select 'in'`).catch(() => 'refused')).toBe('refused');
    expect(await failure(guest.href)).toMatch(/correct the user and password \(STORE_/);
  });
});

const hasRedis = (process.env['TANDEM_TEST_REDIS_PROGRAMS'] ?? '') !== '';
describe.skipIf(!hasRedis)(`a Redis of its own${hasRedis ? '' : ' (needs TANDEM_TEST_REDIS_PROGRAMS)'}`, () => {
  test('a wrong password fails at once', async () => {
    const instance = await openInstance('redis', ['--requirepass', 'right']);
    instances.push(instance);
    const url = instance.url.replace('redis://', 'redis://:hunter2@');
    expect(await failure(url)).toMatch(/WRONGPASS.*; correct the user and password/);
    expect(await failure(instance.url)).toMatch(/NOAUTH.*; correct the user and password/);
  });

  test('one that comes up while the server waits is used; one that goes away later makes it not ready', async () => {
    const instance = await openInstance('redis', []);
    instances.push(instance);
    await instance.kill();
    const process = start(instance.url);
    await expect.poll(() => process.errors).toContain('the store cannot be reached yet; trying again');
    await instance.start();
    const url = await process.url();
    expect((await fetch(`${url}/api/ready`)).status).toBe(200);
    await instance.kill();
    await expect.poll(async () => (await fetch(`${url}/api/ready`)).status).toBe(503);
    expect((await fetch(`${url}/api/health`)).status).toBe(200);
  });
});

describe("DTM's own settings start a node on the database that they name", () => {
  test.skipIf(mariadb === '')(`mysql${mariadb === '' ? ' (needs TANDEM_TEST_MARIADB_URL)' : ''}`, async () => {
    const admin = await createConnection(mariadb);
    const database = `tandem_test_${String(process.pid)}`;
    await admin.query(`create database ${database}`);
    try {
      const { hostname, port, username } = new URL(mariadb);
      const environment = {
        STORE_DRIVER: 'mysql',
        STORE_HOST: hostname,
        STORE_PORT: port,
        STORE_USER: username,
        STORE_DB: database,
      };
      const node = new TandemProcess(['start', '--http-port', '0', '--grpc-port', '0'], environment);
      running.push(node);
      expect((await fetch(`${await node.url()}/api/ready`)).status).toBe(200);
      const [tables] = await admin.query(`show tables from ${database} like 'tandem%'`);
      expect(tables).not.toEqual([]);
    } finally {
      await Promise.all(running.splice(0).map((process) => process.end()));
      await admin.query(`drop database ${database}`);
      await admin.end();
    }
  });

  test.skipIf(postgres === '')(`postgres${postgres === '' ? ' (needs TANDEM_TEST_POSTGRES_URL)' : ''}`, async () => {
    const admin = new pg.Client(postgres);
    await admin.connect();
    const schema = `tandem_test_${String(process.pid)}`;
    try {
      const { hostname, port, username, pathname } = new URL(postgres);
      const environment = {
        ...{ STORE_DRIVER: 'postgres', STORE_HOST: hostname, STORE_PORT: port, STORE_USER: username },
        ...{ STORE_DB: pathname.slice(1), STORE_SCHEMA: schema, STORE_MAX_OPEN_CONNS: '4', STORE_PASSWORD: 'hunter2' },
      };
      const node = new TandemProcess(['start', '--http-port', '0', '--grpc-port', '0'], environment);
      running.push(node);
      expect((await fetch(`${await node.url()}/api/ready`)).status).toBe(200);
      expect(node.errors).not.toContain('hunter2');
      const { rows } = await admin.query('select 1 from information_schema.schemata where schema_name = $1', [schema]);
      expect(rows).toHaveLength(1);
    } finally {
      await Promise.all(running.splice(0).map((process) => process.end()));
      await admin.query(`drop schema if exists ${schema} cascade`);
      await admin.end();
    }
  });
});

test('a folder that another process has is told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-startup-'));
  try {
    const first = start(`sqlite:${folder}`);
    await first.url();
    expect(await failure(`sqlite:${folder}`)).toBe(
      `tandem: the data folder ${folder} is in use by another process: stop it, or name another folder with --data`,
    );
  } finally {
    await Promise.all(running.splice(0).map((process) => process.end()));
    rmSync(folder, { recursive: true, force: true });
  }
});
