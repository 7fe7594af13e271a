import { setTimeout as pause } from 'node:timers/promises';
import { explore, type ExploreOptions } from '@tandem/testing';
import { describe, expect, test } from 'vitest';
import { failureOf, namesOf } from './found.js';
import { expectedBooks, orderSaga, Shop, urls, type Call, type Name, type Order } from './shop.js';

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

  test('that are slow are waited for: no virtual time passes, and nobody calls them again', async () => {
    let calls = 0;
    const slow: Wrong = (shop) => ({
      charge: async ({ payload }) => {
        calls += 1;
        await pause(700);
        shop.do('charge', payload);
      },
    });
    await explore({ ...ordering(affordable, slow), faults: [] });
    expect(calls).toBe(1);
  });

  test('that wait for what only time brings do not keep it from passing', async () => {
    let unlock = (): void => undefined;
    const unlocked = new Promise<void>((resolve) => (unlock = resolve));
    const locked: Wrong = (shop) => ({
      charge: async ({ payload }) => {
        await unlocked;
        shop.do('charge', payload);
      },
    });
    const run: Options['run'] = async ({ client, sleep }) => {
      await orderSaga(client, affordable).submit();
      await sleep('1s');
      unlock();
      while ((await client.query('order-1'))?.status !== 'succeed') await sleep('1s');
    };
    const { missed } = await explore({ ...ordering(affordable, locked), run, faults: [] });
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
      /charge: 200\n +0s {2}the coordinator dies\n[^]*coordinator starts again\n[^]*15s {2}action of .*charge: 200\n[^]*the end: succeed/,
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

describe('bad use, and runs without an end', () => {
  test('a run that began no transaction, with what it threw', async () => {
    const failure = explore({ ...ordering(affordable), run: () => Promise.reject(new Error('no such item')) });
    await expect(failure).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: 'run began no transaction: nothing can be explored',
      cause: { message: 'no such item' },
    });
  });

  test('code that never ends, and a handler that never answers', async () => {
    const never = (): Promise<void> => new Promise(() => undefined);
    const silent = { ...ordering(affordable, () => ({ charge: never })), runTimeout: '200ms' } as const;
    expect((await failureOf(silent)).message).toContain('action of http://pay/charge did not end');
    const endless = { ...ordering(affordable), run: never, runTimeout: '200ms' } as const;
    expect((await failureOf(endless)).message).toContain('run did not end');
  });

  test('a compensation that never succeeds, with what is waited for', async () => {
    const refund: Wrong = () => ({ refund: () => Promise.reject(new Error('the till is jammed')) });
    const { message } = await failureOf(ordering(tooDear, refund));
    expect(message).toMatch(
      /the saga is aborting, compensate of branch 02 at http:\/\/pay\/refund gave no clear answer/,
    );
  });

  test('the client of setUp in the hands of the process', async () => {
    let kept: Parameters<Options['setUp']>[0]['client'] | undefined;
    const options: Options = {
      ...ordering(affordable),
      setUp: (services) => {
        kept = services.client;
        return ordering(affordable).setUp(services, { name: '' });
      },
      run: () => kept && orderSaga(kept, affordable).submit(),
    };
    expect((await failureOf(options)).message).toContain('run uses the client of setUp');
  });

  test('faults, depths and runs that do not exist', async () => {
    await expect(explore({ ...ordering(affordable), faults: ['lightning' as 'lost'] })).rejects.toThrow(
      /no fault "lightning": coordinator dies before, /,
    );
    await expect(explore({ ...ordering(affordable), depth: 3 as 2 })).rejects.toThrow('depth is 1 or 2, not 3');
    await expect(explore({ ...ordering(affordable), only: 'boundary 99' })).rejects.toThrow(
      'no run is named "boundary 99"',
    );
  });

  test('what tearDown meets is told only where nothing failed before', async () => {
    const tearDown = (): void => {
      throw new Error('cannot close');
    };
    expect((await failureOf({ ...ordering(affordable), tearDown, faults: [] })).message).toContain('cannot close');
    const invariant = (): void => {
      throw new Error('wrong books');
    };
    expect((await failureOf({ ...ordering(affordable), tearDown, invariant })).message).not.toContain('cannot close');
  });
});

describe('explorations', () => {
  const flawed = (): Options =>
    ordering(affordable, (shop) => ({
      charge: ({ payload }) => {
        console.error('charging');
        shop.do('charge', payload);
      },
    }));

  test('tell the same story every time, and side by side, and print nothing', async () => {
    const [one, two] = await Promise.all([failureOf(flawed()), failureOf(flawed())]);
    const three = await failureOf(flawed());
    expect(one.failures.map(({ story }) => story)).toEqual(three.failures.map(({ story }) => story));
    expect(two.failures.map(({ story }) => story)).toEqual(three.failures.map(({ story }) => story));
    expect(three.failures[0]?.story.join('\n')).toContain('printed: charging');
  });

  test('stop after so many failures, and run one alone by its name', async () => {
    const { failures } = await failureOf({ ...flawed(), failuresMax: 2 });
    expect(failures).toHaveLength(2);
    const only = failures[1]?.name ?? '';
    const alone = await failureOf({ ...flawed(), only });
    expect(alone.failures.map(({ name }) => name)).toEqual([only]);
    expect(alone.failures[0]?.story).toEqual(failures[1]?.story);
  });

  test('let code ask again and again, in virtual time', async () => {
    const asked = { ...ordering(affordable), faults: ['lost'] } as const;
    const { runs } = await explore({
      ...asked,
      run: async ({ client, sleep }) => {
        await orderSaga(client, affordable).submit();
        while ((await client.query('order-1'))?.status !== 'succeed') await sleep('1s');
      },
    });
    expect(runs.length).toBeGreaterThan(2);
  });

  test('reach the subscribers of a topic, and what handlers call by themselves', async () => {
    const { boundaries, missed } = await explore({
      setUp: async ({ serve, subscribe, fetch }) => {
        const shop = new Shop();
        serve({ ...shop.handlers(), 'http://news/send': () => fetch('http://news/print', { method: 'POST' }) });
        serve({ 'http://news/print': () => Promise.resolve(Response.json({})) });
        await subscribe('ordered', urls.take);
        await subscribe('ordered', 'http://news/send');
        return shop;
      },
      run: ({ client }) => client.message({ gid: 'm-1' }).addTopic('ordered', affordable).submit(),
      invariant: (shop, { status }) => {
        expect(shop.books().pieces).toBe(status === 'succeed' ? 4 : 5);
      },
    });
    expect(boundaries).toContain('POST of http://news/print');
    expect(missed).toEqual([]);
  });
});
