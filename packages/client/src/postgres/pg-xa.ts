/**
 * XA branches on PostgreSQL by node-postgres: PREPARE TRANSACTION, COMMIT PREPARED, ROLLBACK PREPARED. The barrier row is part
 * of what is prepared, as DTM's SDKs write it.
 */
import type { Pool, PoolClient } from 'pg';
import type { BarrierRow } from '@tandem/protocol';
import { BranchFailure, BranchOngoing } from '../branch/branch-outcome.js';
import { InvalidUse } from '../errors.js';
import type { XaBranchId, XaDatabase, XaPrepared, XaWork } from '../xa/xa-database.js';
import { preparedRow, xaName } from '../xa/xa-rows.js';
import { pgSession, type PgBarrierOptions } from './pg-session.js';
import { lockTimeoutMsOf } from './postgres-session.js';
import { sqlState, sqlStateOf } from './sql-state.js';

/** Uses a pool, of which every branch takes a client. PostgreSQL must be set up with `max_prepared_transactions` above 0. */
export function pgXa(pool: Pool, options: PgBarrierOptions = {}): XaDatabase<PoolClient> {
  const lockTimeout = `set local lock_timeout = ${lockTimeoutMsOf(options)}`;
  const session = (client: PoolClient) => pgSession(client, options);

  const prepare = async <T>(branch: XaBranchId, work: XaWork<PoolClient, T>): Promise<XaPrepared<T>> => {
    if (await isPrepared(pool, branch)) return { kind: 'repeated' };
    return withClient(pool, async (client) => {
      await client.query('begin');
      await client.query(lockTimeout);
      const before = await insertFirst(session(client), preparedRow(branch, 'action'));
      if (before !== undefined) {
        await client.query('rollback');
        if (before === 'rollback') throw new BranchFailure('this branch was rolled back before');
        return { kind: 'repeated' };
      }
      await client.query('set local lock_timeout to default');
      const value = await work.run(client);
      await work.beforePrepare?.();
      const { command } = await client.query(`prepare transaction ${quoted(nameOf(branch))}`);
      // What PostgreSQL does with a transaction in which a statement failed, whoever caught that error.
      if (command !== 'PREPARE') throw new Error('a statement failed inside the branch, so PostgreSQL rolled it back');
      return { kind: 'prepared', value };
    });
  };

  /** The reason of the branch's row, after it was made sure that there is one. */
  const block = (branch: XaBranchId): Promise<string | undefined> =>
    withClient(pool, async (client) => {
      await client.query('begin');
      await client.query(lockTimeout);
      const before = await insertFirst(session(client), preparedRow(branch, 'rollback'));
      await client.query('commit');
      return before;
    });

  return {
    prepare,
    commit: async (branch) => {
      if (await ended(pool, 'commit prepared', branch)) return;
      const row = preparedRow(branch, 'action');
      const reason = await withClient(pool, async (client) => session(client).reasonOf(row));
      if (reason !== 'action') throw new Error(`branch ${nameOf(branch)} is neither prepared nor committed`);
    },
    rollback: async (branch) => {
      await ended(pool, 'rollback prepared', branch);
      const before = await block(branch);
      if (before === 'action') throw new Error(`branch ${nameOf(branch)} is committed and cannot be rolled back`);
    },
    giveUp: async (branch) => {
      await ended(pool, 'rollback prepared', branch);
    },
  };
}

/** What PostgreSQL takes is shorter than 200 bytes. */
function nameOf(branch: XaBranchId): string {
  return xaName(branch, 199);
}

/** Inserts the row; answers the reason of the one that is in its way. */
async function insertFirst(session: ReturnType<typeof pgSession>, row: BarrierRow): Promise<string | undefined> {
  try {
    if (await session.insert(row)) return undefined;
    return (await session.reasonOf(row)) ?? '';
  } catch (error) {
    if (sqlStateOf(error) !== sqlState.lockNotAvailable) throw error;
    throw new BranchOngoing('another call of this branch is still at work');
  }
}

async function isPrepared(pool: Pool, branch: XaBranchId): Promise<boolean> {
  const found = await pool.query('select 1 from pg_prepared_xacts where gid = $1', [nameOf(branch)]);
  return found.rows.length > 0;
}

/** Whether there was something prepared to end. */
async function ended(pool: Pool, verb: 'commit prepared' | 'rollback prepared', branch: XaBranchId): Promise<boolean> {
  try {
    await pool.query(`${verb} ${quoted(nameOf(branch))}`);
    return true;
  } catch (error) {
    if (sqlStateOf(error) === sqlState.undefinedObject) return false;
    throw error;
  }
}

async function withClient<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let isUnusable = false;
  const markUnusable = (): void => {
    isUnusable = true;
  };
  client.on('error', markUnusable);
  try {
    return await work(client);
  } catch (error) {
    await client.query('rollback').catch(markUnusable);
    throw sqlStateOf(error) === sqlState.notInPrerequisiteState ? notAvailable(error) : error;
  } finally {
    client.off('error', markUnusable);
    client.release(isUnusable);
  }
}

function notAvailable(error: unknown): InvalidUse {
  const told = 'PostgreSQL does not prepare transactions: set max_prepared_transactions above 0 and restart it';
  return new InvalidUse('XA_NOT_AVAILABLE', told, error);
}

function quoted(name: string): string {
  return `'${name.replaceAll("'", "''")}'`;
}
