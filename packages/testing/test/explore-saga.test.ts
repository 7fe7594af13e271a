import { explore, ExplorationFailed, type ExploreOptions } from '@tandem/testing';
import { expect, test } from 'vitest';
import { expectedBooks, orderSaga, Shop, type Call, type Name, type Order } from './shop.js';

const affordable: Order = { pieces: 1, price: 30 };
const tooDear: Order = { pieces: 1, price: 300 };

type Wrong = (shop: Shop) => Partial<Record<Name, (call: Call) => unknown>>;

function ordering(order: Order, wrong: Wrong = () => ({})): ExploreOptions<Shop, undefined, unknown> {
  return {
    setUp: ({ serve }) => {
      const shop = new Shop();
      serve(shop.handlers(wrong(shop)));
      return shop;
    },
    run: ({ client }) => orderSaga(client, order).submit({ waitResult: true }),
    invariant: (shop, { status }) => {
      expect(shop.books()).toEqual(expectedBooks(status, order));
    },
    tearDown: (shop) => {
      shop.connection.close();
    },
  };
}

async function failureOf(options: ExploreOptions<Shop, undefined, unknown>): Promise<ExplorationFailed> {
  try {
    await explore({ ...options, failuresMax: 1_000 });
  } catch (error) {
    if (error instanceof ExplorationFailed) return error;
    throw error;
  }
  throw new Error('nothing was found');
}

test('right handlers pass every run of an order that succeeds', async () => {
  const started = performance.now();
  const { runs, missed, boundaries } = await explore(ordering(affordable));
  console.log(runs.length, performance.now() - started, boundaries, missed);
  expect(missed).toEqual([]);
});

test('right handlers pass every run of an order that is refused', async () => {
  const started = performance.now();
  const { runs, missed, boundaries } = await explore(ordering(tooDear));
  console.log(runs.length, performance.now() - started, boundaries, missed);
  expect(missed).toEqual([]);
});

test('a handler without a barrier takes twice', async () => {
  const wrong: Wrong = (shop) => ({ charge: ({ payload }) => shop.do('charge', payload) });
  const failure = await failureOf(ordering(affordable, wrong));
  console.log(failure.message);
  expect(failure.failures.length).toBeGreaterThan(0);
});
