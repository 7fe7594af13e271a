/**
 * Brings the schema up to date, from as many processes at once as there are: one row is locked meanwhile, the others wait
 * for it and then find nothing to do. Where nothing is to be done nothing is asked for but reading, so that a user without
 * the right to create may start a node.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { missingMigrations, recordMigration, type SharedMigration } from '../server-sql/apply-migrations.js';
import type { SqlSession, TableNames } from '../server-sql/sql-session.js';
import { stateOf } from './postgres-fault.js';
import { postgresMigrations, postgresTuning } from './postgres-migrations.js';
import type { PostgresPool } from './postgres-pool.js';

/** Two that create the same at once: one meets a key of the catalogue, or a catalogue that changed under it. */
const raced: readonly (string | undefined)[] = ['23505', '42P06', '42P07', '42710', 'XX000', '40001', '40P01'];
const attemptsMax = 20;
const delayMaxMs = 50;

/** The row that whoever migrates holds; no migration has this number. */
const lockNumber = 0;

export interface PostgresSchema {
  /** As it is, unquoted. */
  readonly name: string;
  readonly tables: TableNames;
}

/** See the file head. Rejects with the driver's errors, or `StoreError` `incompatible`. */
export async function migratePostgres(pool: PostgresPool, schema: PostgresSchema): Promise<void> {
  const known = postgresMigrations(schema.tables, { byteText: await byteTextOf(pool) });
  if (await isUpToDate(pool, schema, known)) return;
  await createFrame(pool, schema);
  const applied = await pool.transaction((session) => applyMissing(session, schema, known));
  if (applied > 0) await tune(pool, schema.tables);
}

async function isUpToDate(
  pool: PostgresPool,
  { name, tables }: PostgresSchema,
  known: readonly SharedMigration[],
): Promise<boolean> {
  const found = await pool.query(
    `SELECT 1 FROM information_schema.tables WHERE table_schema = ? AND table_name = 'migration'`,
    [name],
  );
  return found.rows.length > 0 && (await missingMigrations(pool, tables.migration, known)).length === 0;
}

/** The schema, the table of migrations and the row to lock. */
async function createFrame(pool: PostgresPool, { name, tables }: PostgresSchema): Promise<void> {
  const schemas = await pool.query('SELECT 1 FROM information_schema.schemata WHERE schema_name = ?', [name]);
  if (schemas.rows.length === 0) await whileRaced(() => pool.query(`CREATE SCHEMA IF NOT EXISTS ${quoted(name)}`));
  await whileRaced(() =>
    pool.query(
      `CREATE TABLE IF NOT EXISTS ${tables.migration} (number integer PRIMARY KEY, name text NOT NULL,
        works_from integer NOT NULL, applied_at timestamptz NOT NULL)`,
    ),
  );
  await whileRaced(() =>
    pool.query(
      `INSERT INTO ${tables.migration} VALUES (${lockNumber}, 'held by whoever migrates', 0, CURRENT_TIMESTAMP)
        ON CONFLICT (number) DO NOTHING`,
    ),
  );
}

async function applyMissing(
  session: SqlSession,
  { tables }: PostgresSchema,
  known: readonly SharedMigration[],
): Promise<number> {
  await session.query(`SELECT number FROM ${tables.migration} WHERE number = ${lockNumber} FOR UPDATE`);
  const missing = await missingMigrations(session, tables.migration, known);
  for (const migration of missing) {
    for (const statement of migration.sql.split(';')) await session.query(statement);
    await recordMigration(session, tables.migration, migration);
  }
  return missing.length;
}

async function tune(pool: PostgresPool, tables: TableNames): Promise<void> {
  for (const statement of postgresTuning(tables)) {
    // An engine that has no such setting does without.
    await pool.query(statement).catch(() => undefined);
  }
}

/** CockroachDB compares text by its bytes and takes no collation of the system. */
async function byteTextOf(pool: PostgresPool): Promise<string> {
  const { rows } = await pool.query('SELECT version()');
  return String(rows[0]?.[0]).startsWith('CockroachDB') ? 'text' : 'text COLLATE "C"';
}

async function whileRaced(work: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await work();
      return;
    } catch (error) {
      if (attempt === attemptsMax || !raced.includes(stateOf(error))) throw error;
      await delay(Math.random() * delayMaxMs);
    }
  }
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
