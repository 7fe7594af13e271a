/**
 * A database with the tables of a DTM server, and in them what a DTM server has left there when it was killed: rows.json was read
 * out of one that had been asked for transactions of every type, in every state. Times are in seconds from its end.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';

type Row = Readonly<Record<string, string | number | null | { readonly base64: string }>>;
type Table = 'trans_global' | 'trans_branch_op' | 'kv';

const rows = JSON.parse(readFileSync(new URL('rows.json', import.meta.url), 'utf8')) as Record<Table, readonly Row[]>;

/** Types by column where they are no texts; as wide as DTM's. */
const types: Readonly<Record<string, 'time' | 'number' | 'bytes' | 'long text'>> = {
  create_time: 'time',
  update_time: 'time',
  finish_time: 'time',
  rollback_time: 'time',
  next_cron_time: 'time',
  next_cron_interval: 'number',
  version: 'number',
  bin_data: 'bytes',
  data: 'long text',
  ext_data: 'long text',
  v: 'long text',
};

export interface Participants {
  /** `http://127.0.0.1:PORT` */
  readonly http: string;
  /** `127.0.0.1:PORT` */
  readonly grpc: string;
}

export interface DtmDatabase {
  /** As `--from` takes it. */
  readonly url: string;
  /** What a DTM server that works there would do. */
  touch(): Promise<void>;
  /** As before topics, and before results and reasons were kept. */
  age(): Promise<void>;
  drop(): Promise<void>;
}

const older = [
  'drop table kv',
  ...['ext_data', 'result', 'rollback_reason'].map((column) => `alter table trans_global drop column ${column}`),
];

/** How long ago the DTM server ended. */
const endedAgoMs = 60_000;

export async function mysqlDtm(server: string, participants: Participants): Promise<DtmDatabase> {
  const name = `dtm_test_${randomBytes(6).toString('hex')}`;
  const admin = await createConnection({ uri: server, timezone: 'Z' });
  const words = { time: 'datetime', number: 'bigint', bytes: 'blob', 'long text': 'text', id: 'bigint auto_increment' };
  await admin.query(`create database ${name}`);
  await admin.query(`use ${name}`);
  await fill(
    async (sql, values) => {
      await admin.query(sql, [...values]);
    },
    { words, charset: ' default charset = utf8mb4', parameter: () => '?' },
    participants,
  );
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: `dtm+${url.href}`,
    async touch() {
      await admin.query(`update trans_global set update_time = utc_timestamp() where gid = 'saga-mid'`);
    },
    async age() {
      for (const sql of older) await admin.query(sql);
    },
    async drop() {
      await admin.query(`drop database ${name}`);
      await admin.end();
    },
  };
}

export async function postgresDtm(server: string, participants: Participants): Promise<DtmDatabase> {
  const schema = `dtm_test_${randomBytes(6).toString('hex')}`;
  const admin = new pg.Client(server);
  await admin.connect();
  const time = 'timestamp(0) with time zone';
  const words = { time, number: 'bigint', bytes: 'bytea', 'long text': 'text', id: 'bigserial' };
  await admin.query(`create schema ${schema}`);
  await admin.query(`set search_path to ${schema}`);
  await fill(
    async (sql, values) => {
      await admin.query(sql, [...values]);
    },
    { words, charset: '', parameter: (index) => `$${String(index + 1)}` },
    participants,
  );
  const url = new URL(server);
  url.searchParams.set('schema', schema);
  return {
    url: `dtm+${url.href}`,
    async touch() {
      await admin.query(`update trans_global set update_time = now() where gid = 'saga-mid'`);
    },
    async age() {
      for (const sql of older) await admin.query(sql);
    },
    async drop() {
      await admin.query(`drop schema ${schema} cascade`);
      await admin.end();
    },
  };
}

interface Dialect {
  readonly words: Readonly<Record<'time' | 'number' | 'bytes' | 'long text' | 'id', string>>;
  readonly charset: string;
  readonly parameter: (index: number) => string;
}

async function fill(
  run: (sql: string, values: readonly unknown[]) => Promise<void>,
  { words, charset, parameter }: Dialect,
  participants: Participants,
): Promise<void> {
  const endedAt = Date.now() - endedAgoMs;
  for (const table of ['trans_global', 'trans_branch_op', 'kv'] as const) {
    const columns = Object.keys(rows[table][0] ?? {});
    const typeOf = (column: string) => (column in types ? words[types[column] ?? 'time'] : 'varchar(1024)');
    const defined = columns.map((column) => `${column} ${typeOf(column)}`).join(', ');
    await run(`create table ${table} (id ${words.id}, ${defined}, primary key (id))${charset}`, []);
    for (const row of rows[table]) {
      const values = columns.map((column) => valueOf(column, row[column] ?? null, endedAt, participants));
      const places = columns.map((_, index) => parameter(index)).join(', ');
      await run(`insert into ${table} (${columns.join(', ')}) values (${places})`, values);
    }
  }
}

function valueOf(
  column: string,
  value: NonNullable<Row[string]> | null,
  endedAt: number,
  { http, grpc }: Participants,
): unknown {
  if (value === null) return null;
  if (types[column] === 'time') return new Date(endedAt + Number(value) * 1000);
  if (typeof value === 'object') return Buffer.from(value.base64, 'base64');
  if (types[column] === 'bytes') return Buffer.from(String(value));
  return typeof value === 'string' ? value.replaceAll('{http}', http).replaceAll('{grpc}', grpc) : value;
}
