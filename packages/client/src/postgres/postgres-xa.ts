/**
 * XA branches on PostgreSQL by any driver: PREPARE TRANSACTION, COMMIT PREPARED, ROLLBACK PREPARED. The barrier row is part
 * of what is prepared, as DTM's SDKs write it.
 */
import type { BarrierRow } from '@tandem/protocol';
import type { AsyncBarrierSession } from '../barrier/barrier-database.js';
import { BranchFailure, BranchOngoing } from '../branch/branch-outcome.js';
import { InvalidUse } from '../errors.js';
import { turnsOf } from '../xa/turns.js';
import { withXaConnection, type XaConnection, type XaConnections } from '../xa/xa-connection.js';
import type { XaBranchId, XaDatabase, XaPrepared, XaWork } from '../xa/xa-database.js';
import { preparedRow, xaName } from '../xa/xa-rows.js';
import { isConnectionGone } from './connection-gone.js';
import { lockTimeoutMsOf, postgresSession, type PostgresBarrierOptions } from './postgres-session.js';
import { sqlState, sqlStateOf } from './sql-state.js';

export function postgresXa<Tx>(connections: XaConnections<Tx>, options: PostgresBarrierOptions): XaDatabase<Tx> {
  const lockTimeout = `set local lock_timeout = ${lockTimeoutMsOf(options)}`;
  const session = ({ tx, query }: XaConnection<Tx>) => postgresSession(tx, query, options);
  const end = (verb: 'commit prepared' | 'rollback prepared', branch: XaBranchId): Promise<boolean> =>
    withConnection(connections, (connection) => ended(connection, verb, branch));

  const prepare = <T>(branch: XaBranchId, work: XaWork<Tx, T>): Promise<XaPrepared<T>> =>
    withConnection(connections, async (connection) => {
      if (await isPrepared(connection, branch)) return { kind: 'repeated' };
      const run = (sql: string) => connection.query(sql, []);
      await run('begin');
      await run(lockTimeout);
      const before = await insertFirst(session(connection), preparedRow(branch, 'action'));
      if (before !== undefined) {
        await run('rollback');
        if (before === 'rollback') throw new BranchFailure('this branch was rolled back before');
        return { kind: 'repeated' };
      }
      await run('set local lock_timeout to default');
      const value = await work.run(connection.tx);
      // Of a transaction in which a statement failed, whoever caught that error, PREPARE makes a rollback. This refuses.
      await run('select 1');
      await work.beforePrepare?.();
      await run(`prepare transaction ${quoted(nameOf(branch))}`);
      return { kind: 'prepared', value };
    });

  /** The reason of the branch's row, after it was made sure that there is one. */
  const block = (branch: XaBranchId): Promise<string | undefined> =>
    withConnection(connections, async (connection) => {
      await connection.query('begin', []);
      await connection.query(lockTimeout, []);
      const before = await insertFirst(session(connection), preparedRow(branch, 'rollback'));
      await connection.query('commit', []);
      return before;
    });

  const turns = turnsOf(connections.pool, connections.max);
  return {
    prepare: (branch, work) => turns.take(() => prepare(branch, work)),
    commit: async (branch) => {
      if (await end('commit prepared', branch)) return;
      const row = preparedRow(branch, 'action');
      const reason = await withConnection(connections, (connection) => session(connection).reasonOf(row));
      if (reason !== 'action') throw new Error(`branch ${nameOf(branch)} is neither prepared nor committed`);
    },
    rollback: async (branch) => {
      await end('rollback prepared', branch);
      const before = await block(branch);
      if (before === 'action') throw new Error(`branch ${nameOf(branch)} is committed and cannot be rolled back`);
    },
    giveUp: async (branch) => {
      await end('rollback prepared', branch);
    },
  };
}

/** What PostgreSQL takes is shorter than 200 bytes. */
function nameOf(branch: XaBranchId): string {
  return xaName(branch, 199);
}

/** Inserts the row; answers the reason of the one that is in its way. */
async function insertFirst(session: AsyncBarrierSession<unknown>, row: BarrierRow): Promise<string | undefined> {
  try {
    if (await session.insert(row)) return undefined;
    return (await session.reasonOf(row)) ?? '';
  } catch (error) {
    if (sqlStateOf(error) !== sqlState.lockNotAvailable) throw error;
    throw new BranchOngoing('another call of this branch is still at work');
  }
}

async function isPrepared({ query }: XaConnection<unknown>, branch: XaBranchId): Promise<boolean> {
  return (await query('select 1 from pg_prepared_xacts where gid = ?', [nameOf(branch)])).length > 0;
}

/** Whether there was something prepared to end. */
async function ended({ query }: XaConnection<unknown>, verb: string, branch: XaBranchId): Promise<boolean> {
  try {
    await query(`${verb} ${quoted(nameOf(branch))}`, []);
    return true;
  } catch (error) {
    if (sqlStateOf(error) === sqlState.undefinedObject) return false;
    throw error;
  }
}

async function withConnection<Tx, T>(
  connections: XaConnections<Tx>,
  work: (connection: XaConnection<Tx>) => Promise<T>,
): Promise<T> {
  try {
    return await withXaConnection(connections, work, isRolledBack);
  } catch (error) {
    throw sqlStateOf(error) === sqlState.notInPrerequisiteState ? notAvailable(error) : error;
  }
}

/** What is gone is not asked to: postgres.js would end the process. */
async function isRolledBack({ query }: XaConnection<unknown>, after: unknown): Promise<boolean> {
  if (isConnectionGone(after)) return false;
  return query('rollback', []).then(
    () => true,
    () => false,
  );
}

function notAvailable(error: unknown): InvalidUse {
  const told = 'PostgreSQL does not prepare transactions: set max_prepared_transactions above 0 and restart it';
  return new InvalidUse('XA_NOT_AVAILABLE', told, error);
}

function quoted(name: string): string {
  return `'${name.replaceAll("'", "''")}'`;
}
