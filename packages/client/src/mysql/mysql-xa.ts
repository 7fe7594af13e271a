/**
 * XA branches on MySQL and MariaDB by any driver. The barrier row is part of what is prepared, as DTM's SDKs write it.
 *
 * A prepared branch belongs to its connection until that is gone, and a COMMIT from another one is told "unknown XID" so long. So
 * the connection is closed after PREPARE, and "unknown" is believed only where the barrier row says that the branch has ended: to
 * take it for a repeat, as DTM's SDKs do, loses the work of a COMMIT that comes early.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { BranchFailure, BranchOngoing } from '../branch/branch-outcome.js';
import type { SqlQuery } from '../sql/sql-adapter.js';
import { turnsOf } from '../xa/turns.js';
import { withXaConnection, type XaConnection, type XaConnections } from '../xa/xa-connection.js';
import type { XaBranchId, XaDatabase, XaPrepared, XaWork } from '../xa/xa-database.js';
import { preparedRow, xaName } from '../xa/xa-rows.js';
import { mysqlError, mysqlErrorOf } from './mysql-errors.js';
import {
  mysqlStatements,
  waitAsUsual,
  waitBriefly,
  type MysqlBarrierOptions,
  type MysqlBarrierSession,
} from './mysql-session.js';

const detachedWithinMs = 3_000;
const lookEveryMs = 20;

/** Every connection that prepared is closed. */
export function mysqlXaOn<Tx>(connections: XaConnections<Tx>, options: MysqlBarrierOptions): XaDatabase<Tx> {
  const reasonNow = (branch: XaBranchId): Promise<string | undefined> =>
    inSession(connections, options, (session) => session.committedReasonOf(preparedRow(branch, 'action')));

  /** Sees to it that the branch's row is there; answers the reason of the one that was. */
  const block = (branch: XaBranchId): Promise<string | undefined> =>
    inSession(connections, options, async (session) => {
      const row = preparedRow(branch, 'rollback');
      return (await session.insert(row)) ? undefined : session.reasonOf(row);
    });

  const turns = turnsOf(connections.pool, connections.max);
  return {
    prepare: (branch, work) => turns.take(() => prepare(connections, options, { branch, work })),
    commit: async (branch) => {
      const name = nameOf(branch);
      const isCommitted = await untilDetached(
        () => ended(connections, 'commit', name),
        async () => (await reasonNow(branch)) === 'action',
      );
      if (!isCommitted) throw new Error(`branch ${branch.gid} ${branch.branchId} is neither prepared nor committed`);
    },
    rollback: async (branch) => {
      const name = nameOf(branch);
      let before: string | undefined;
      const isRolledBack = await untilDetached(
        () => ended(connections, 'rollback', name),
        async () => {
          before = await block(branch);
          return true;
        },
      );
      if (!isRolledBack) throw new BranchOngoing('another call of this branch is still at work');
      before ??= await block(branch);
      if (before === 'action') throw new Error(`branch ${branch.gid} ${branch.branchId} is committed`);
    },
    giveUp: async (branch) => {
      await ended(connections, 'rollback', nameOf(branch));
    },
  };
}

interface Prepare<Tx, T> {
  readonly branch: XaBranchId;
  readonly work: XaWork<Tx, T>;
}

async function prepare<Tx, T>(
  connections: XaConnections<Tx>,
  options: MysqlBarrierOptions,
  { branch, work }: Prepare<Tx, T>,
): Promise<XaPrepared<T>> {
  const name = nameOf(branch);
  const connection = await connections.open();
  const run = (sql: string) => connection.query(sql, []);
  const session = mysqlStatements(connection.tx, connection.query, options);
  const row = preparedRow(branch, 'action');
  let isStarted = false;
  try {
    await waitBriefly(connection.query, options);
    await outside(connection.query, `xa start ${name}`);
    isStarted = true;
    if (!(await session.insert(row))) {
      const before = await session.reasonOf(row);
      await giveBack(connection, name);
      isStarted = false;
      if (before === 'rollback') throw new BranchFailure('this branch was rolled back before');
      return { kind: 'repeated' };
    }
    await waitAsUsual(connection.query);
    const value = await work.run(connection.tx);
    await work.beforePrepare?.();
    await run(`xa end ${name}`);
    await run(`xa prepare ${name}`);
    isStarted = false;
    return { kind: 'prepared', value };
  } catch (error) {
    if (isStarted) await giveBack(connection, name).catch(() => undefined);
    throw isAtWork(error) ? new BranchOngoing('another call of this branch is still at work') : error;
  } finally {
    // Only then may another connection end what is prepared.
    await connection.close();
  }
}

async function giveBack({ query }: XaConnection<unknown>, name: string): Promise<void> {
  await query(`xa end ${name}`, []).catch(() => undefined);
  await query(`xa rollback ${name}`, []);
}

/**
 * Ends what is prepared, or finds that it has ended. The one that prepared it may still hold it for a moment, and then neither
 * can be told: looked at again until it can, or until it has taken too long.
 */
async function untilDetached(end: () => Promise<boolean>, hasEnded: () => Promise<boolean>): Promise<boolean> {
  const until = performance.now() + detachedWithinMs;
  while (performance.now() < until) {
    if (await end()) return true;
    try {
      if (await hasEnded()) return true;
    } catch (error) {
      if (!isAtWork(error)) throw error;
    }
    await pause(lookEveryMs);
  }
  return false;
}

/** Whether there was something prepared to end. */
function ended<Tx>(connections: XaConnections<Tx>, verb: 'commit' | 'rollback', name: string): Promise<boolean> {
  return withXaConnection(connections, async ({ query }) => {
    try {
      await outside(query, `xa ${verb} ${name}`);
      return true;
    } catch (error) {
      if (mysqlErrorOf(error) === mysqlError.xaUnknown) return false;
      throw error;
    }
  });
}

/**
 * A verb of XA, which is refused inside a transaction: inside one that somebody left open on the connection, and without autocommit always.
 */
async function outside(query: SqlQuery, verb: string): Promise<void> {
  try {
    await query(verb, []);
  } catch (error) {
    if (mysqlErrorOf(error) !== mysqlError.xaOutside) throw error;
    await query('rollback', []);
    await query('set @tandem_autocommit = @@session.autocommit, session autocommit = 1', []);
    try {
      await query(verb, []);
    } finally {
      await query('set session autocommit = @tandem_autocommit', []);
    }
  }
}

function inSession<Tx, T>(
  connections: XaConnections<Tx>,
  options: MysqlBarrierOptions,
  work: (session: MysqlBarrierSession<Tx>) => Promise<T>,
): Promise<T> {
  return withXaConnection(connections, async ({ tx, query }) => {
    // The shortest that there is: it is looked at again.
    await waitBriefly(query, { checkLockTimeout: '1s' });
    // Sessions may be without autocommit: the row would be lost, and the connection of no use for XA.
    await query('start transaction', []);
    const value = await work(mysqlStatements(tx, query, options));
    await query('commit', []);
    await waitAsUsual(query);
    return value;
  });
}

const atWork: readonly (number | undefined)[] = [mysqlError.lockWaitTimeout, mysqlError.xaDuplicate];

/** Its row is locked, or its name is taken. */
function isAtWork(error: unknown): boolean {
  return atWork.includes(mysqlErrorOf(error));
}

/** As a literal in hexadecimal: whatever a gid holds, it is no SQL. */
function nameOf(branch: XaBranchId): string {
  return `X'${Buffer.from(xaName(branch, 64)).toString('hex')}'`;
}
