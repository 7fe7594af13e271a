import { backCheckHandler, BranchFailure, branchHandler, type Client } from '@tandem/client';
import { createWorkflows } from '@tandem/client/workflow';
import { explore, ExplorationFailed, type ExploreOptions } from '@tandem/testing';
import { describe, expect, test } from 'vitest';
import { Shop, urls, type Order } from './shop.js';

const order: Order = { pieces: 1, price: 30 };

async function failureOf<State, App, Value>(options: ExploreOptions<State, App, Value>): Promise<ExplorationFailed> {
  try {
    await explore({ ...options, failuresMax: 1_000 });
  } catch (error) {
    if (error instanceof ExplorationFailed) return error;
    throw error;
  }
  throw new Error('nothing was found');
}

describe('a TCC', () => {
  const tccUrls = { hold: 'http://seat/hold', buy: 'http://seat/buy', letGo: 'http://seat/let-go' };
  type Flaw = 'cancel without a barrier' | 'none';
  const booking = (flaw: Flaw): ExploreOptions<Shop, undefined, string> => ({
    setUp: ({ serve }) => {
      const shop = new Shop();
      const { db } = shop;
      const move = (pieces: number) =>
        branchHandler(({ barrier }) =>
          barrier.transaction(db, () => {
            if (!shop.add('pieces', pieces)) throw new BranchFailure('sold out');
          }),
        );
      serve({
        [tccUrls.hold]: move(-1),
        [tccUrls.buy]: branchHandler(({ barrier }) => barrier.transaction(db, () => void shop.add('euro', -30))),
        [tccUrls.letGo]: flaw === 'none' ? move(1) : branchHandler(() => void shop.add('pieces', 1)),
      });
      return shop;
    },
    run: ({ client }) =>
      client.tcc({ gid: 'booking-1', waitResult: true }, async (tcc) => {
        const branch = { try: tccUrls.hold, confirm: tccUrls.buy, cancel: tccUrls.letGo };
        await tcc.branch('seat', branch);
        await tcc.branch('other seat', branch);
        return 'booked';
      }),
    invariant: (shop, { status }) => {
      expect(shop.books()).toEqual(status === 'succeeded' ? { pieces: 3, euro: 40 } : { pieces: 5, euro: 100 });
    },
  });

  test('with right branches passes every run', async () => {
    const started = performance.now();
    const { runs, missed, boundaries } = await explore(booking('none'));
    console.log(runs.length, performance.now() - started, boundaries, missed);
    expect(missed).toEqual([]);
  });

  test('whose cancel gives back what was never held', async () => {
    const { failures, message } = await failureOf(booking('cancel without a barrier'));
    console.log(message);
    expect(failures.map(({ name }) => name)).toContain('');
  });
});

describe('a message after a local transaction', () => {
  const sending = (flaw: 'none' | 'no barrier', repeat: boolean): ExploreOptions<Shop, undefined, unknown> => ({
    repeat,
    setUp: ({ serve }) => {
      const shop = new Shop();
      serve({ ...shop.handlers(), 'http://orders/check': backCheckHandler(shop.db) });
      return shop;
    },
    run: ({ client }, shop) => {
      const message = client.message({ gid: 'order-1' }).add(urls.take, order);
      return message.doAndSubmit('http://orders/check', (barrier) => {
        if (flaw === 'no barrier') return void shop.add('euro', -30);
        return barrier.transaction(shop.db, () => void shop.add('euro', -30));
      });
    },
    invariant: (shop) => {
      const { pieces, euro } = shop.books();
      expect([pieces, euro]).toEqual(euro === 100 ? [5, 100] : [4, 70]);
    },
  });

  test.each([true, false])('passes every run, repeated: %s', async (repeat) => {
    const started = performance.now();
    const { runs, missed, boundaries } = await explore(sending('none', repeat));
    console.log(runs.length, performance.now() - started, boundaries, missed);
    expect(missed).toEqual([]);
  });

  test('without its barrier is found', async () => {
    const { message } = await failureOf(sending('no barrier', false));
    console.log(message);
  });
});

describe('a workflow', () => {
  type Flaw = 'none' | 'clock outside a step';
  const workflow = (client: Client, shop: Shop, flaw: Flaw) => {
    const workflows = createWorkflows(client, { url: 'http://orders/workflow', onError: () => undefined });
    const placed = workflows.define('place-order', async (wf, ordered: Order) => {
      const isEarly = flaw === 'clock outside a step' && Date.now() % 20_000 < 10_000;
      await wf.call('stock', { url: urls.take, payload: ordered, onRollback: urls.giveBack });
      if (isEarly) await wf.do('note', () => 'early');
      await wf.sleep('time to withdraw', '3d');
      await wf.do('pay', {
        action: ({ barrier }) => barrier.transaction(shop.db, () => shop.do('charge', ordered)),
        onRollback: (_, { barrier }) => barrier.transaction(shop.db, () => shop.do('refund', ordered)),
      });
      await wf.call('pack', { url: 'http://orders/pack', payload: ordered });
    });
    return { workflows, placed };
  };
  const ordering = (flaw: Flaw, price = 30) =>
    ({
      setUp: ({ serve }) => {
        const shop = new Shop();
        serve({ ...shop.handlers(), 'http://orders/pack': branchHandler(() => 'packed') });
        return shop;
      },
      start: ({ client, serve }, shop) => {
        const { workflows, placed } = workflow(client, shop, flaw);
        serve({ 'http://orders/workflow': workflows.handler });
        return placed;
      },
      run: ({ app }) => app.run({ pieces: 1, price }, { gid: 'order-1' }),
      invariant: (shop, { status }) => {
        expect(shop.books()).toEqual(status === 'succeeded' ? { pieces: 4, euro: 70 } : { pieces: 5, euro: 100 });
      },
    }) satisfies ExploreOptions<Shop, ReturnType<typeof workflow>['placed'], void>;

  test.each([30, 300])('passes every run, price %i', async (price) => {
    const started = performance.now();
    const { runs, missed, boundaries } = await explore(ordering('none', price));
    console.log(runs.length, performance.now() - started, boundaries, missed);
    expect(missed).toEqual([]);
  });

  test('that looks at the clock outside a step is found', async () => {
    const { message } = await failureOf(ordering('clock outside a step'));
    console.log(message);
  });
});
