/**
 * Barriers by Prisma on PostgreSQL, MySQL and MariaDB, with its driver adapters, in DTM's table `dtm_barrier.barrier`.
 *
 * @module
 */
import { invalidOption } from './option-names.js';
import type { AsyncSqlDatabase } from './sql/sql-access.js';
import { numbered, type SqlAdapter } from './sql/sql-adapter.js';
import { barriersOn, createTableOn, engineNamed, type SqlBarrierOptions, type SqlEngine } from './sql/sql-engine.js';

export type { SqlBarrierOptions } from './sql/sql-engine.js';

/** A Prisma client, or the one inside `$transaction`. */
export interface PrismaStatements {
  /** Runs a statement. */
  $queryRawUnsafe(query: string, ...values: string[]): PromiseLike<unknown>;
}

/** A Prisma client; `Tx` is what it gives to the work of a transaction. */
export interface PrismaSource<Tx> extends PrismaStatements {
  /** Begins, works, commits; rolls back when it lasts longer than `timeout`, in ms. */
  $transaction(work: (tx: Tx) => Promise<unknown>, options?: { readonly timeout?: number }): PromiseLike<unknown>;
}

/** Uses a client, whose transactions then have no time limit of Prisma's; or the client inside `$transaction`, for `barrier.run`. */
export function prismaBarriers<Tx extends PrismaStatements>(
  source: PrismaSource<Tx> | Tx,
  options?: SqlBarrierOptions,
): AsyncSqlDatabase<Tx> {
  const engine = engineOf(source);
  return barriersOn(engine, adapterOf(engine, source), options);
}

/** Creates the barrier table, and its schema or database, where they are missing. Safe from many processes at once. */
export function createBarrierTable<Tx extends PrismaStatements>(
  prisma: PrismaSource<Tx>,
  options?: SqlBarrierOptions,
): Promise<void> {
  const engine = engineOf(prisma);
  return createTableOn(engine, adapterOf(engine, prisma), options);
}

/**
 * The longest that a timer takes, in ms. At its time limit Prisma ends a transaction under a query that is on its way (7.10, its issue
 * 29762): of a query of several statements, the rest is done on the same connection, and stays, while the barrier's row is gone.
 */
const timeout = 2 ** 31 - 1;

function engineOf(source: PrismaStatements): SqlEngine {
  // Every client of versions 2 to 7 has it; its types leave it out.
  const { _activeProvider: provider } = source as { readonly _activeProvider?: unknown };
  if (typeof provider === 'string') return engineNamed(provider);
  throw invalidOption('prismaBarriers takes a client of Prisma 7, or the one inside its $transaction');
}

function adapterOf<Tx extends PrismaStatements>(engine: SqlEngine, source: PrismaSource<Tx> | Tx): SqlAdapter<Tx> {
  return {
    opened: () => (isClient(source) ? undefined : source),
    on: (tx) => adapterOf(engine, tx),
    begin: <T>(work: (tx: Tx) => Promise<T>) =>
      (source as PrismaSource<Tx>).$transaction(work, { timeout }) as Promise<T>,
    query: (tx) => async (sql, values) => {
      const text = engine === 'postgres' ? numbered(sql) : sql;
      return (await tx.$queryRawUnsafe(text, ...values)) as unknown[];
    },
  };
}

/** Inside a transaction, a client cannot connect; newer ones have `$transaction` there too, for savepoints. */
function isClient<Tx extends PrismaStatements>(source: PrismaSource<Tx> | Tx): source is PrismaSource<Tx> {
  return '$connect' in source;
}
