import { BranchFailure, newGid } from '@tandem/client';
import { describe, expect, test } from 'vitest';
import { message } from './branch-calls.js';
import type { RedisSetting } from './redis-setting.js';

/** What the back-check makes of the local work of a message, whichever library it goes through. */
export function messageCases(opened: () => RedisSetting): void {
  const start = async () => {
    const { redis, send, keyPrefix } = opened();
    const [key, gid] = [newGid(), newGid()];
    await send('SET', keyPrefix + key, '5');
    const sell = (one = message(gid)) => redis.adjust(one, { key, by: -1, min: 0 });
    const check = () => redis.backCheck(message(gid), key);
    return { redis, key, gid, sell, check, stored: () => send('GET', keyPrefix + key) };
  };

  test('once it is done, the back-check says so', async () => {
    const { sell, check, stored } = await start();
    await sell();
    expect([await check(), await check()]).toEqual(['committed', 'committed']);
    expect(await sell()).toEqual({ done: false, skipped: 'repeated' });
    expect(await stored()).toBe('4');
  });

  test('a barrier that was used answers the back-check as well', async () => {
    const { redis, key, gid, sell } = await start();
    const barrier = message(gid);
    await sell(barrier);
    expect(await redis.backCheck(barrier, key)).toBe('committed');
  });

  test('a back-check that comes first keeps it from ever being done', async () => {
    const { sell, check, stored } = await start();
    expect(await check()).toBe('rolledBack');
    await expect(sell()).rejects.toThrow(BranchFailure);
    expect(await check()).toBe('rolledBack');
    expect(await stored()).toBe('5');
  });

  test('a refusal is final: a repeat that is still on its way finds it', async () => {
    const { redis, key, gid, sell, check, stored } = await start();
    await expect(redis.adjust(message(gid), { key, by: -6, min: 0 })).rejects.toThrow(BranchFailure);
    await expect(sell()).rejects.toThrow(BranchFailure);
    expect(await check()).toBe('rolledBack');
    expect(await stored()).toBe('5');
  });

  test('both at once agree', async () => {
    const outcomes = new Set<string>();
    for (let round = 0; round < 40; round += 1) {
      const { sell, check, stored } = await start();
      const works = [
        () =>
          sell().then(
            () => 'sold',
            () => 'refused',
          ),
        check,
      ];
      const [one = '', other = ''] = await Promise.all((round % 2 ? works : works.reverse()).map((work) => work()));
      outcomes.add([one, other].sort().join());
      expect(await stored()).toBe([one, other].includes('sold') ? '4' : '5');
    }
    for (const outcome of outcomes) expect(['committed,sold', 'refused,rolledBack']).toContain(outcome);
  });

  describe('the handler of the back-check', () => {
    const asked = (url: string, gid: string, op = 'msg') => {
      const asking = new URL(url);
      for (const [name, value] of Object.entries({ gid, trans_type: 'msg', branch_id: '00', op })) {
        asking.searchParams.set(name, value);
      }
      return new Request(asking);
    };

    test('looks beside the key that the URL names', async () => {
      const { redis, key, gid, sell } = await start();
      const handler = redis.backCheckHandler();
      const url = redis.checkUrl('http://me/check?a=%20b#c', key);
      await sell(message(gid, url));
      expect((await handler(asked(url, gid))).status).toBe(200);
      expect((await handler(asked(url, newGid()))).status).toBe(409);
      expect(new URL(url).searchParams.get('a')).toBe(' b');
    });

    test('refuses a call that names none, or is another call', async () => {
      const { redis, key, gid } = await start();
      const errors: unknown[] = [];
      const handler = redis.backCheckHandler({ onError: (error) => errors.push(error) });
      expect((await handler(asked('http://me/check', gid))).status).toBe(400);
      expect((await handler(asked(redis.checkUrl('http://me/check', key), gid, 'action'))).status).toBe(400);
      expect((await handler(new Request(redis.checkUrl('http://me/check', key)))).status).toBe(400);
      expect(errors).toMatchObject(Array(3).fill({ code: 'NOT_A_BRANCH_CALL' }));
    });
  });

  test.each([
    ['names no key', 'http://me/check'],
    ['names another key', 'http://me/check?barrier_key=other'],
  ])('a URL that %s is refused before anything is done', async (_, url) => {
    const { gid, sell, stored } = await start();
    await expect(sell(message(gid, url))).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('checkUrl(url, ') as string,
    });
    expect(await stored()).toBe('5');
  });

  test('no key is none to look beside', async () => {
    const { redis, gid } = await start();
    expect(() => redis.checkUrl('http://me/check', '')).toThrow(/a key must have a name/);
    await expect(redis.backCheck(message(gid), '')).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });

  test.each(['nowhere', '/check', 'grpc://me/Shop/Check'])('%s is no URL for a back-check', (url) => {
    expect(() => opened().redis.checkUrl(url, 'key')).toThrow(/back-check/);
  });
}
