/** A place of a test's own on each engine that the scripts started, as `--store` takes it. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';

export interface StorePlace {
  readonly url: string;
  drop(): Promise<void>;
}

export interface EngineOfTests {
  readonly name: string;
  /** Empty where it can be opened. */
  readonly needs: string;
  readonly open: () => Promise<StorePlace>;
}

const unique = (): string => `tandem_test_${randomBytes(6).toString('hex')}`;

export async function sqlitePlace(): Promise<StorePlace> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-place-'));
  return {
    url: `sqlite:${folder}`,
    drop: async () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function postgresPlace(server: string): Promise<StorePlace> {
  const url = new URL(server);
  const schema = unique();
  url.searchParams.set('schema', schema);
  return {
    url: url.href,
    async drop() {
      const admin = new pg.Client(server);
      await admin.connect();
      await admin.query(`drop schema if exists ${schema} cascade`);
      await admin.end();
    },
  };
}

async function mysqlPlace(server: string): Promise<StorePlace> {
  const name = unique();
  const admin = await createConnection(server);
  await admin.query(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    async drop() {
      await admin.query(`drop database ${name}`);
      await admin.end();
    },
  };
}

async function redisPlace(server: string): Promise<StorePlace> {
  const url = new URL(server);
  url.searchParams.set('prefix', unique());
  // The server is started for the tests and thrown away after them: keys under a prefix of their own disturb nobody.
  return { url: url.href, drop: () => Promise.resolve() };
}

async function mongoPlace(server: string): Promise<StorePlace> {
  const url = new URL(server);
  url.pathname = `/${unique()}`;
  return {
    url: url.href,
    async drop() {
      const admin = new MongoClient(url.href);
      await admin.db().dropDatabase();
      await admin.close();
    },
  };
}

function engine(name: string, variable: string, open: (server: string) => Promise<StorePlace>): EngineOfTests {
  const server = process.env[variable] ?? '';
  return { name, needs: server === '' ? ` (needs ${variable})` : '', open: () => open(server) };
}

/** Every engine but the embedded one, those first that others are most often compared with. */
export const engines: readonly EngineOfTests[] = [
  engine('PostgreSQL', 'TANDEM_TEST_POSTGRES_URL', postgresPlace),
  engine('MariaDB', 'TANDEM_TEST_MARIADB_URL', mysqlPlace),
  engine('Redis', 'TANDEM_TEST_REDIS_URL', redisPlace),
  engine('MongoDB', 'TANDEM_TEST_MONGO_URL', mongoPlace),
];
