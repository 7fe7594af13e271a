import { backCheckHandler, BranchFailure, branchHandler } from '@tandem/client';
import { createWorkflows, type Workflow, type Workflows } from '@tandem/client/workflow';
import { explore, type ExploreOptions } from '@tandem/testing';
import { describe, expect, test } from 'vitest';
import { failureOf, namesOf } from './found.js';
import { Shop, urls, type Order } from './shop.js';

const order: Order = { pieces: 1, price: 30 };

describe('a TCC', () => {
  const at = { hold: 'http://seat/hold', buy: 'http://seat/buy', letGo: 'http://seat/let-go' };
  type Flaw = 'none' | 'a cancel without a barrier' | 'a try that does not know of its cancel';
  const booking = (flaw: Flaw): ExploreOptions<Shop, undefined, string> => ({
    setUp: ({ serve }) => {
      const shop = new Shop();
      const held = new Set<string>();
      const moving = (pieces: number) =>
        branchHandler(({ barrier }) =>
          barrier.transaction(shop.db, () => {
            if (!shop.add('pieces', pieces)) throw new BranchFailure('sold out');
          }),
        );
      // Remembers what it holds, as a table of seats would: a second try and a second cancel are harmless.
      const forgetful = {
        hold: branchHandler(({ branchId }) => {
          if (held.has(branchId)) return;
          held.add(branchId);
          shop.add('pieces', -1);
        }),
        letGo: branchHandler(({ branchId }) => {
          if (held.delete(branchId)) shop.add('pieces', 1);
        }),
      };
      const right = { hold: moving(-1), letGo: moving(1) };
      const branches = {
        none: right,
        'a cancel without a barrier': { ...right, letGo: branchHandler(() => void shop.add('pieces', 1)) },
        'a try that does not know of its cancel': forgetful,
      }[flaw];
      const buy = branchHandler(({ barrier }) => barrier.transaction(shop.db, () => void shop.add('euro', -30)));
      serve({ [at.hold]: branches.hold, [at.buy]: buy, [at.letGo]: branches.letGo });
      return shop;
    },
    run: ({ client }) =>
      client.tcc({ gid: 'booking-1', waitResult: true }, async (tcc) => {
        const branch = { try: at.hold, confirm: at.buy, cancel: at.letGo };
        await tcc.branch('seat', branch);
        await tcc.branch('other seat', branch);
        return 'booked';
      }),
    invariant: (shop, { status }) => {
      expect(shop.books()).toEqual(status === 'succeed' ? { pieces: 3, euro: 40 } : { pieces: 5, euro: 100 });
    },
  });

  test('of right branches passes every run', async () => {
    const { runs, missed } = await explore(booking('none'));
    expect(runs.length).toBeGreaterThan(60);
    expect(missed).toEqual([]);
  });

  test('with a cancel that gives back what was never held', async () => {
    expect(namesOf(await failureOf(booking('a cancel without a barrier')))).toEqual(
      ['', ' (2)'].flatMap((which) => [
        `registerBranch of the tcc${which}: the process dies after it`,
        `registerBranch of the tcc${which}: its answer is lost`,
        `try of http://seat/hold${which}: the process dies before it`,
        `try of http://seat/hold${which}: lost on the way`,
        `try of http://seat/hold${which}: refused`,
      ]),
    );
  });

  test('with a try that holds after its cancel has come', async () => {
    expect(namesOf(await failureOf(booking('a try that does not know of its cancel')))).toContain(
      'try of http://seat/hold: lost, and arrives after the end',
    );
  });
});

describe('a message after a local transaction', () => {
  const check = 'http://orders/check';
  const sending = (isRight: boolean, repeat: boolean): ExploreOptions<Shop, undefined, unknown> => ({
    repeat,
    setUp: ({ serve }) => {
      const shop = new Shop();
      serve({ ...shop.handlers(), [check]: backCheckHandler(shop.db) });
      return shop;
    },
    run: ({ client }, shop) => {
      const pay = (): void => void shop.add('euro', -30);
      const message = client.message({ gid: 'order-1' }).add(urls.take, order);
      return message.doAndSubmit(check, async (barrier) => {
        if (isRight) await barrier.transaction(shop.db, pay);
        else pay();
      });
    },
    invariant: (shop) => {
      const { pieces, euro } = shop.books();
      expect({ pieces, euro }).toEqual(euro === 100 ? { pieces: 5, euro } : { pieces: 4, euro: 70 });
    },
  });

  test.each([false, true])('passes every run (repeated by its caller: %s)', async (repeat) => {
    const { runs, missed } = await explore(sending(true, repeat));
    expect(runs.some((name) => name.includes('runs the code again'))).toBe(repeat);
    expect(missed).toEqual([]);
  });

  test('passes every pair of faults', async () => {
    const { runs, missed, leftOut } = await explore({ ...sending(true, true), depth: 2 });
    expect(runs.length).toBeGreaterThan(400);
    expect([missed, leftOut]).toEqual([[], 0]);
  });

  test('whose local transaction has no barrier: the client tells so without any fault', async () => {
    const failure = await failureOf(sending(false, false));
    expect(namesOf(failure)).toEqual(['without a fault']);
    expect(failure.failures[0]?.error).toMatchObject({ code: 'BARRIER_NOT_USED' });
  });
});

describe('a workflow', () => {
  const workflowUrl = 'http://orders/workflow';
  type Placing = Workflow<Order, unknown>;

  const exploring = (
    price: number,
    define: (workflows: Workflows, shop: Shop) => Placing,
    repeat = false,
  ): ExploreOptions<Shop, Placing, unknown> => ({
    repeat,
    setUp: ({ serve }) => {
      const shop = new Shop();
      serve(shop.handlers());
      return shop;
    },
    start: ({ client, serve }, shop) => {
      const workflows = createWorkflows(client, { url: workflowUrl });
      serve({ [workflowUrl]: workflows.handler });
      return define(workflows, shop);
    },
    run: ({ app }) => app.run({ pieces: 1, price }, { gid: 'order-1' }),
    invariant: (shop, { status }) => {
      expect(shop.books()).toEqual(status === 'succeed' ? { pieces: 4, euro: 70 } : { pieces: 5, euro: 100 });
    },
  });

  const right = (workflows: Workflows, shop: Shop): Placing =>
    workflows.define('place-order', async (wf, ordered: Order) => {
      await wf.call('stock', { url: urls.take, payload: ordered, onRollback: urls.giveBack });
      await wf.sleep('time to withdraw', '3d');
      await wf.do('pay', {
        action: ({ barrier }) => barrier.transaction(shop.db, () => shop.do('charge', ordered)),
        onRollback: (_, { barrier }) => barrier.transaction(shop.db, () => shop.do('refund', ordered)),
      });
    });

  test.each([
    [30, false],
    [300, true],
  ])('that sleeps for days passes every run (price %i, repeated by its caller: %s)', async (price, repeat) => {
    const { runs, missed, leftOut } = await explore({ ...exploring(price, right, repeat), runsMax: 60 });
    expect(runs).toHaveLength(61);
    expect(leftOut).toBeGreaterThan(20);
    expect(missed).toEqual([]);
  });

  test('with a step that pays without a barrier, by a death before the step is recorded', async () => {
    const flawed = exploring(30, (workflows, shop) =>
      workflows.define('place-order', async (wf, ordered: Order) => {
        await wf.call('stock', { url: urls.take, payload: ordered, onRollback: urls.giveBack });
        await wf.do('pay', () => shop.do('charge', ordered));
      }),
    );
    expect(namesOf(await failureOf(flawed))).toContain(
      'registerBranch of the workflow (2): the process dies before it',
    );
  });

  test('that looks at the clock outside a step', async () => {
    const flawed = exploring(30, (workflows, shop) => {
      const begun = Date.now();
      return workflows.define('place-order', async (wf, ordered: Order) => {
        if (Date.now() - begun < 500) await wf.do('note', () => 'at once');
        await wf.call('stock', { url: urls.take, payload: ordered, onRollback: urls.giveBack });
        await wf.do('pay', ({ barrier }) => barrier.transaction(shop.db, () => shop.do('charge', ordered)));
      });
    });
    const failure = await failureOf({ ...flawed, faults: ['answer lost'] });
    expect(namesOf(failure)).toContain('action of http://stock/take: its answer is lost');
    expect(failure.message).toMatch(/the code of a workflow changes from run to run: .*was do "note"/);
  });

  test('of functions, each with its compensation, passes every run', async () => {
    const saga = exploring(300, (workflows, shop) =>
      workflows
        .saga<Order>('order-saga')
        .step('stock', {
          action: ({ input, barrier }) => barrier.transaction(shop.db, () => shop.do('take', input)),
          compensate: (_, { input, barrier }) => barrier.transaction(shop.db, () => shop.do('giveBack', input)),
        })
        .step('payment', {
          action: ({ input, barrier }) => barrier.transaction(shop.db, () => shop.do('charge', input)),
          compensate: (_, { input, barrier }) => barrier.transaction(shop.db, () => shop.do('refund', input)),
        }),
    );
    expect((await explore(saga)).missed).toEqual([]);
  });
});
