/** Real work in the branches: virtual time waits for a real PostgreSQL. */
import { BranchFailure, branchHandler, xaHandler } from '@tandem/client';
import { createBarrierTable, pg, pgXa } from '@tandem/client/pg';
import { explore, type ExploreOptions } from '@tandem/testing';
import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failureOf, namesOf } from './found.js';
import { expectedBooks, orderSaga, urls, type Books, type Order } from './shop.js';

const url = process.env['TANDEM_TEST_POSTGRES_URL'];
const schema = `testkit_${String(process.pid)}`;
const options = { table: `${schema}.barrier` };
const order: Order = { pieces: 1, price: 30 };

describe.skipIf(url === undefined)('branches on PostgreSQL (needs PostgreSQL)', () => {
  let pool: Pool;
  beforeAll(async () => {
    pool = new Pool({ connectionString: url, max: 6 });
    await pool.query(`create schema ${schema}`);
    await pool.query(`create table ${schema}.books (pieces integer, euro integer)`);
    await createBarrierTable(pool, options);
  });
  afterAll(async () => {
    await pool.query(`drop schema ${schema} cascade`);
    await pool.end();
  });

  const changes = {
    take: ['pieces', -1],
    giveBack: ['pieces', 1],
    charge: ['euro', -30],
    refund: ['euro', 30],
  } as const;

  const ordering = (hasBarriers: boolean): ExploreOptions<undefined, undefined, unknown> => ({
    setUp: async ({ serve }) => {
      await pool.query(`truncate ${schema}.books, ${schema}.barrier`);
      await pool.query(`insert into ${schema}.books values (5, 100)`);
      const names = Object.keys(changes) as (keyof typeof changes)[];
      const handlers = names.map((name) => {
        const [column, change] = changes[name];
        const sql = `update ${schema}.books set ${column} = ${column} + ${change} where ${column} + ${change} >= 0`;
        const db = pg(pool, options);
        const handler = branchHandler(async ({ barrier }) => {
          // Slow, by the database's clock: no virtual second must pass meanwhile.
          await pool.query('select pg_sleep(0.01)');
          const work = async (tx: Pick<Pool, 'query'>): Promise<void> => {
            if ((await tx.query(sql)).rowCount === 0) throw new BranchFailure(`not enough ${column}`);
          };
          await (hasBarriers ? barrier.transaction(db, work) : work(pool));
        });
        return [urls[name], handler] as const;
      });
      serve(Object.fromEntries(handlers));
      return undefined;
    },
    run: ({ client }) => orderSaga(client, order).submit({ waitResult: true }),
    invariant: async (_, { status }) => {
      const { rows } = await pool.query<Books>(`select pieces, euro from ${schema}.books`);
      expect(rows).toEqual([expectedBooks(status, order)]);
    },
  });

  test('with barriers pass every run', async () => {
    const { runs, missed } = await explore(ordering(true));
    expect(runs).toHaveLength(32);
    expect(missed).toEqual([]);
  });

  test('without barriers do not', async () => {
    const failure = await failureOf({ ...ordering(false), faults: ['twice', 'late'] });
    expect(namesOf(failure)).toEqual([
      'action of http://stock/take: arrives twice at once',
      'action of http://stock/take: lost, and arrives after the end',
      'action of http://pay/charge: arrives twice at once',
      'action of http://pay/charge: lost, and arrives after the end',
    ]);
    // The call that was lost is repeated after its timeout and its pause, and not because the database was slow.
    expect(failure.failures[0]?.story.join('\n')).toMatch(/ 0s {2}the end: succeed/);
  });

  test('prepared as XA pass every run, and leave nothing prepared', async () => {
    const accounts = `${schema}.account`;
    await pool.query(`create table ${accounts} (name text, euro integer)`);
    let count = 0;
    const { runs, missed } = await explore({
      setUp: async ({ serve, client }) => {
        await pool.query(`truncate ${accounts}, ${schema}.barrier`);
        await pool.query(`insert into ${accounts} values ('ann', 100), ('bob', 0)`);
        const move = (name: string, change: number) =>
          xaHandler(client, pgXa(pool, options), (tx) =>
            tx.query(`update ${accounts} set euro = euro + $1 where name = $2`, [change, name]),
          );
        serve({ 'http://north/move': move('ann', -30), 'http://south/move': move('bob', 30) });
        count += 1;
      },
      // Prepared transactions are of the whole server: no run takes one of another for its own.
      run: ({ client }) =>
        client.xa({ gid: `${schema}-${count}`, waitResult: true }, async (xa) => {
          await xa.branch('debit', { url: 'http://north/move' });
          await xa.branch('credit', { url: 'http://south/move' });
        }),
      invariant: async (_, { status }) => {
        const { rows } = await pool.query<{ euro: number }>(`select euro from ${accounts} order by name`);
        expect(rows.map(({ euro }) => euro)).toEqual(status === 'succeed' ? [70, 30] : [100, 0]);
        const prepared = await pool.query('select gid from pg_prepared_xacts where gid like $1', [`%${schema}%`]);
        expect(prepared.rows).toEqual([]);
      },
    });
    expect(runs.length).toBeGreaterThan(60);
    expect(missed).toEqual([]);
  });
});
