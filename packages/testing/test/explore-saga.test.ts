import { explore, type ExploreOptions } from '@tandem/testing';
import { describe, expect, test } from 'vitest';
import { failureOf, namesOf } from './found.js';
import { expectedBooks, orderSaga, Shop, type Call, type Name, type Order } from './shop.js';

const affordable: Order = { pieces: 1, price: 30 };
const tooDear: Order = { pieces: 1, price: 300 };

type Wrong = (shop: Shop) => Partial<Record<Name, (call: Call) => unknown>>;
type Options = ExploreOptions<Shop, undefined, unknown>;

function ordering(order: Order, wrong: Wrong = () => ({})): Options {
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

describe('right branches', () => {
  test('pass every run of an order that succeeds', async () => {
    const { boundaries, runs, missed, leftOut } = await explore(ordering(affordable));
    expect(boundaries).toEqual([
      'submit of the saga',
      'write of new saga submitted',
      'action of http://stock/take',
      'write of saga submitted, 01 action',
      'action of http://pay/charge',
      'write of saga succeed, 02 action',
    ]);
    expect(runs).toHaveLength(32);
    expect(new Set(runs).size).toBe(32);
    expect([missed, leftOut]).toEqual([[], 0]);
  });

  test('pass every run of an order that is refused', async () => {
    const { boundaries, runs, missed } = await explore(ordering(tooDear));
    expect(boundaries).toContain('compensate of http://stock/give-back');
    expect(runs).toHaveLength(50);
    expect(missed).toEqual([]);
  });
});

describe('a mistake is found', () => {
  test('an action without a barrier, by each call that comes again', async () => {
    const failure = await failureOf(
      ordering(affordable, (shop) => ({
        charge: ({ payload }) => {
          shop.do('charge', payload);
        },
      })),
    );
    expect(namesOf(failure)).toEqual([
      'action of http://pay/charge: the coordinator dies after it',
      'action of http://pay/charge: its answer is lost',
      'action of http://pay/charge: arrives twice at once',
      'action of http://pay/charge: arrives again after the end',
      'action of http://pay/charge: lost, and arrives after the end',
      'action of http://pay/charge: refused, and a first call of it arrives after the end',
      'write of saga succeed, 02 action: the coordinator dies before it',
    ]);
    expect(failure.message).toContain('7 of 32 runs failed');
    expect(failure.failures[0]?.story.join('\n')).toMatch(
      /charge: 200\n +0s {2}the coordinator dies\n[^]*coordinator starts again\n[^]*15s {2}action of .*charge: 200\n[^]*the end: succeeded/,
    );
  });

  test('a compensation that takes for granted that its action happened', async () => {
    const refund: Wrong = (shop) => ({
      refund: ({ payload }) => {
        shop.do('refund', payload);
      },
    });
    expect(namesOf(await failureOf(ordering(affordable, refund)))).toEqual(['action of http://pay/charge: refused']);
    expect(namesOf(await failureOf(ordering(tooDear, refund)))).toEqual(['without a fault']);
  });

  test('an action that remembers that it came, and not that it was undone', async () => {
    const done = new Set<string>();
    const take: Wrong = (shop) => {
      done.clear();
      return {
        take: ({ op, payload }) => {
          if (done.has(op)) return;
          done.add(op);
          shop.do('take', payload);
        },
        giveBack: ({ op, payload }) => {
          if (!done.has('action') || done.has(op)) return;
          done.add(op);
          shop.do('giveBack', payload);
        },
      };
    };
    expect(namesOf(await failureOf(ordering(affordable, take)))).toEqual([
      'action of http://stock/take: refused, and a first call of it arrives after the end',
    ]);
  });

  test('a handler that commits its barrier first and its work afterwards, where its commits are boundaries', async () => {
    const twoCommits = (isWatched: boolean): Options => ({
      ...ordering(affordable),
      setUp: ({ serve, watched }) => {
        const shop = new Shop();
        const db = isWatched ? watched(shop.db) : shop.db;
        const charge = async ({ payload, barrier }: Call): Promise<void> => {
          const { done } = await barrier.transaction(db, () => undefined);
          if (done) shop.do('charge', payload);
        };
        serve(shop.handlers({ charge }));
        return shop;
      },
    });
    expect(namesOf(await failureOf(twoCommits(true)))).toEqual([
      'commit in action of http://pay/charge: the process dies after it',
    ]);
    // The refusal alone: its compensation is right and finds the barrier's row, which the work did not follow.
    await explore({ ...twoCommits(false), faults: ['lost', 'answer lost', 'twice', 'again', 'late'] });
  });

  test('a handler that dies between two statements, at a boundary of its own', async () => {
    const options: Options = {
      ...ordering(affordable),
      setUp: ({ serve, boundary }) => {
        const shop = new Shop();
        const done = new Set<string>();
        const charge = async ({ gid, payload }: Call): Promise<void> => {
          if (done.has(gid)) return;
          shop.do('charge', payload);
          await boundary('charged, and not remembered');
          done.add(gid);
        };
        serve(shop.handlers({ charge }));
        return shop;
      },
    };
    expect(namesOf(await failureOf(options))).toContain('charged, and not remembered: the process dies after it');
  });

  test('what only two faults together show', async () => {
    const bearsOneRepeat: Wrong = (shop) => {
      let calls = 0;
      return {
        charge: ({ payload }) => {
          calls += 1;
          if (calls !== 2) shop.do('charge', payload);
        },
      };
    };
    const options: Options = { ...ordering(affordable, bearsOneRepeat), faults: ['answer lost', 'again'] };
    await explore(options);
    const failure = await failureOf({ ...options, depth: 2 });
    const name = 'action of http://pay/charge: its answer is lost; action of http://pay/charge (2): its answer is lost';
    expect(namesOf(failure)).toContain(name);
    const only = failure.failures[0]?.name ?? '';
    expect((await failureOf({ ...options, depth: 2, only })).failures.map((failed) => failed.name)).toEqual([only]);
  });
});
