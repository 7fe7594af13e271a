import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BranchFailure, newGid, xaHandler, type BranchCall, type Client, type XaDatabase } from '@tandem/client';
import { nodeListener } from '@tandem/client/node';
import { createWorkflows } from '@tandem/client/workflow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { byHttp } from './client-at.js';
import { startDtm, startTandem } from './coordinator-processes.js';

/** What the XA cases need of an engine: two accounts, since a branch that is prepared keeps what it changed locked. */
export interface XaEngine {
  readonly db: XaDatabase<unknown>;
  /** Adds to an account's balance inside a branch; refuses to make it negative. Answers the new one. */
  add(tx: unknown, amount: number, account?: Account): Promise<number>;
  /** Runs a statement that fails, inside a branch. */
  fail(tx: unknown): Promise<unknown>;
  /** Whether that ends the branch. */
  readonly givesUpAfterError: boolean;
  /** Has the engine end the connection of a branch, and tells so by failing. */
  cut(tx: unknown): Promise<unknown>;
  /** The library has waiters without an answer after that. */
  readonly isLostWithItsConnection: boolean;
  /** Of both accounts together. */
  balance(): Promise<number>;
  /** How many branches are prepared whose gids contain this. */
  prepared(own: string): Promise<number>;
  close(): Promise<void>;
}

export type Account = 'a' | 'b';

interface Movement {
  readonly account: Account;
  readonly amount: number;
}

/** XA on an engine: as its own verbs, under a coordinator, and inside a workflow. */
export function xaCases(open: () => Promise<XaEngine>): void {
  let engine: XaEngine;
  beforeAll(async () => {
    engine = await open();
  });
  afterAll(() => engine.close());

  // Short: names of MariaDB have 64 bytes, and longer ones are digests.
  const own = newGid().slice(-6);
  const ownGid = (): string => `${own}/${newGid()}`;
  const branchOf = (gid = ownGid()) => ({ gid, branchId: '01', transType: 'xa' });
  const adding = (amount: number) => ({ run: (tx: unknown) => engine.add(tx, amount) });
  const change = async (work: () => Promise<unknown>): Promise<number> => {
    const before = await engine.balance();
    await work();
    return (await engine.balance()) - before;
  };

  describe('a branch', () => {
    test('has no effect before its commit, and then has it once', async () => {
      const branch = branchOf(`it's "quoted" \\ ${ownGid()}`);
      expect(await change(() => engine.db.prepare(branch, adding(30)))).toBe(0);
      expect(await engine.prepared(own)).toBe(1);
      expect(await change(() => engine.db.commit(branch))).toBe(30);
      expect(await change(() => engine.db.commit(branch))).toBe(0);
      expect(await engine.db.prepare(branch, adding(30))).toEqual({ kind: 'repeated' });
      expect(await engine.prepared(own)).toBe(0);
    });

    test('a commit that comes at once finds it', async () => {
      const changed = await change(async () => {
        for (let count = 0; count < 10; count += 1) {
          const branch = branchOf();
          await engine.db.prepare(branch, adding(1));
          await engine.db.commit(branch);
        }
      });
      expect(changed).toBe(10);
    });

    test('is gone after its rollback, and cannot come back', async () => {
      const branch = branchOf();
      const changed = await change(async () => {
        await engine.db.prepare(branch, adding(30));
        await engine.db.rollback(branch);
        await engine.db.rollback(branch);
        await expect(engine.db.prepare(branch, adding(30))).rejects.toBeInstanceOf(BranchFailure);
      });
      expect(changed).toBe(0);
      expect(await engine.prepared(own)).toBe(0);
    });

    test('that is rolled back before it began never begins', async () => {
      const branch = branchOf();
      await engine.db.rollback(branch);
      expect(
        await change(() => expect(engine.db.prepare(branch, adding(1))).rejects.toThrow(/rolled back before/)),
      ).toBe(0);
    });

    test('a rollback while it still works waits for it, and undoes it', async () => {
      const branch = branchOf();
      const changed = await change(async () => {
        let working: Promise<unknown> = Promise.resolve();
        const goOn = await new Promise<() => void>((resolve) => {
          const run = async (tx: unknown): Promise<void> => {
            await engine.add(tx, 30);
            await new Promise<void>((end) => resolve(end));
          };
          working = engine.db.prepare(branch, { run });
        });
        const early = engine.db.rollback(branch).catch((error: unknown) => error);
        setTimeout(goOn, 300);
        await working;
        const told = await early;
        if (told !== undefined) expect(told).toMatchObject({ name: 'BranchOngoing' });
        await engine.db.rollback(branch);
      });
      expect(changed).toBe(0);
      expect(await engine.prepared(own)).toBe(0);
    });

    test('a commit of what was never prepared is no success', async () => {
      await expect(engine.db.commit(branchOf())).rejects.toThrow(/neither prepared nor committed/);
    });

    test('whose work throws leaves nothing behind', async () => {
      const branch = branchOf();
      const work = async (tx: unknown): Promise<void> => {
        await engine.add(tx, 30);
        throw new BranchFailure('no');
      };
      expect(await change(() => expect(engine.db.prepare(branch, { run: work })).rejects.toThrow('no'))).toBe(0);
      expect(await engine.prepared(own)).toBe(0);
      expect(await engine.db.prepare(branch, adding(0))).toMatchObject({ kind: 'prepared' });
      await engine.db.rollback(branch);
    });

    test('in which a statement failed is not prepared, whoever caught its error, on an engine that gives up all of it', async () => {
      const branch = branchOf();
      const run = async (tx: unknown): Promise<void> => {
        await engine.add(tx, 30);
        await engine.fail(tx).catch(() => undefined);
      };
      const changed = await change(async () => {
        const isPrepared = await engine.db.prepare(branch, { run }).then(
          () => true,
          () => false,
        );
        expect(await engine.prepared(own)).toBe(isPrepared ? 1 : 0);
        expect(isPrepared).toBe(!engine.givesUpAfterError);
        await engine.db.rollback(branch);
      });
      expect(changed).toBe(0);
    });

    test('whose connection is cut leaves nothing behind, and the next one has another', async ({ skip }) => {
      skip(engine.isLostWithItsConnection, 'the library does not get over it');
      const branch = branchOf();
      const changed = await change(async () => {
        const cut = async (tx: unknown): Promise<void> => {
          await engine.add(tx, 30);
          await engine.cut(tx);
        };
        await expect(engine.db.prepare(branch, { run: cut })).rejects.toThrow();
        expect(await engine.db.prepare(branch, adding(7))).toMatchObject({ kind: 'prepared' });
        await engine.db.commit(branch);
      });
      expect(changed).toBe(7);
      for (let count = 0; count < 15; count += 1) await engine.db.rollback(branchOf());
      expect(await engine.prepared(own)).toBe(0);
    });

    test('on one row, more than the pool has connections, are all committed', async () => {
      const moved = async (): Promise<void> => {
        const branch = branchOf();
        await engine.db.prepare(branch, adding(1));
        await engine.db.commit(branch);
      };
      expect(await change(() => Promise.all(Array.from({ length: 25 }, moved)))).toBe(25);
    });

    test('a gid of any length has a name of its own', async () => {
      const long = 'ä'.repeat(120);
      const [one, other] = [branchOf(`${long}1`), branchOf(`${long}2`)];
      const changed = await change(async () => {
        await engine.db.prepare(one, adding(3));
        await engine.db.rollback(other);
        await engine.db.commit(one);
      });
      expect(changed).toBe(3);
    });
  });

  const dtm = process.env['TANDEM_TEST_DTM_SERVER'];
  if (dtm === undefined)
    console.warn("XA under DTM's server: NOT RUN, TANDEM_TEST_DTM_SERVER does not name its binary");

  describe.each([
    { name: "Tandem's server", start: startTandem, isHere: true },
    {
      name: "DTM's server (needs TANDEM_TEST_DTM_SERVER)",
      start: () => startDtm(dtm ?? ''),
      isHere: dtm !== undefined,
    },
  ])('under $name', ({ start, isHere }) => {
    if (!isHere) {
      test.skip('XA');
      return;
    }
    let tandem: Client;
    let url: string;
    beforeAll(async () => {
      const running = await byHttp(start)();
      tandem = running.tandem;
      const handler = xaHandler(
        tandem,
        engine.db,
        async (tx, { payload }: BranchCall<Movement>) => ({
          balance: await engine.add(tx, payload.amount, payload.account),
        }),
        { onError: () => undefined },
      );
      const server = createServer(nodeListener({ '/move': handler }));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/move`;
      return async () => {
        server.close();
        server.closeAllConnections();
        await running.close();
      };
    });
    const statusOf = async (gid: string): Promise<string | undefined> => (await tandem.query(gid))?.status;

    test('an XA whose code returns is committed, and knows what the branch answered', async () => {
      let answered: unknown;
      const changed = await change(() =>
        tandem.xa({ gid: ownGid(), waitResult: true }, async (xa) => {
          answered = await xa.branch('in', { url, payload: { account: 'a', amount: 100 } });
        }),
      );
      expect(changed).toBe(100);
      expect(answered).toEqual({ balance: expect.any(Number) as number });
    });

    test('an XA of which a branch refuses is rolled back', async () => {
      const gid = ownGid();
      const changed = await change(async () => {
        const done = tandem.xa({ gid }, async (xa) => {
          await xa.branch('in', { url, payload: { account: 'a', amount: 100 } });
          await xa.branch('out', { url, payload: { account: 'b', amount: -1_000_000 } });
        });
        await expect(done).rejects.toMatchObject({ code: 'TRANSACTION_FAILED', gid });
        await expect.poll(() => statusOf(gid), { interval: 50 }).toBe('failed');
      });
      expect(changed).toBe(0);
      expect(await engine.prepared(own)).toBe(0);
    });

    test('a branch of a workflow is committed with it, or rolled back with it, and done once for all crashes', async () => {
      let isDead = true;
      const workflows = createWorkflows(tandem, { url: 'http://127.0.0.1:9/workflow' });
      const workflow = workflows.define('move', async (wf, amount: number) => {
        await wf.xa('in', engine.db, (tx) => engine.add(tx, amount));
        if (isDead) throw new Error('killed');
        await wf.xa('again', engine.db, (tx) => engine.add(tx, 1, 'b'));
        if (amount > 10) throw new BranchFailure('too much');
      });
      const changed = await change(async () => {
        for (const [gid, amount] of [[ownGid(), 7] as const, [ownGid(), 11] as const]) {
          isDead = true;
          await expect(workflow.run(amount, { gid })).rejects.toMatchObject({ code: 'TRANSACTION_ONGOING' });
          isDead = false;
          await workflow.run(amount, { gid }).catch((error: unknown) => {
            expect(error).toMatchObject({ code: 'TRANSACTION_FAILED' });
          });
        }
      });
      expect(changed).toBe(8);
      expect(await engine.prepared(own)).toBe(0);
    });
  });
}
