import { BranchFailure, newGid } from '@tandem/client';
import { describe, expect, test } from 'vitest';
import { message, saga, tcc, workflow } from './branch-calls.js';
import type { RedisSetting } from './redis-setting.js';

const repeated = { done: false, skipped: 'repeated' };
const nothingToUndo = { done: false, skipped: 'nothingToUndo' };
const alreadyUndone = { done: false, skipped: 'alreadyUndone' };

/** What the barrier does to a number, whichever library it goes through. */
export function adjustCases(opened: () => RedisSetting): void {
  const start = async (stock?: string) => {
    const { redis, send, keyPrefix } = opened();
    const [key, gid] = [newGid(), newGid()];
    if (stock !== undefined) await send('SET', keyPrefix + key, stock);
    const stored = () => send('GET', keyPrefix + key);
    return { redis, key, gid, stored, marks: () => opened().marks(key, gid) };
  };

  test('near the limit a repeat is no refusal: the mark is looked for first', async () => {
    const { redis, key, gid, stored } = await start('30');
    const take = () => redis.adjust(saga(gid, 'action'), { key, by: -30, min: 0 });
    expect(await take()).toEqual({ done: true, value: 0 });
    expect(await take()).toEqual(repeated);
    expect(await stored()).toBe('0');
  });

  test('what was done is undone, once', async () => {
    const { redis, key, gid, stored, marks } = await start('30');
    await redis.adjust(saga(gid, 'action'), { key, by: -30, min: 0 });
    expect(await redis.adjust(saga(gid, 'compensate'), { key, by: 30 })).toEqual({ done: true, value: 30 });
    expect(await redis.adjust(saga(gid, 'compensate'), { key, by: 30 })).toEqual(repeated);
    expect(await stored()).toBe('30');
    expect(await marks()).toEqual({ '01 action 01': 'action', '01 compensate 01': 'compensate' });
  });

  test('what never happened is not undone, and cannot happen any more', async () => {
    const { redis, key, gid, stored, marks } = await start('30');
    expect(await redis.adjust(saga(gid, 'compensate'), { key, by: 5 })).toEqual(nothingToUndo);
    expect(await redis.adjust(saga(gid, 'compensate'), { key, by: 5 })).toEqual(repeated);
    expect(await redis.adjust(saga(gid, 'action'), { key, by: -5, min: 0 })).toEqual(alreadyUndone);
    expect(await stored()).toBe('30');
    expect(await marks()).toEqual({ '01 action 01': 'compensate', '01 compensate 01': 'compensate' });
  });

  test('the rollback of a workflow is what undoes its action', async () => {
    const { redis, key, gid, stored } = await start('30');
    expect(await redis.adjust(workflow(gid, 'rollback'), { key, by: 5 })).toEqual(nothingToUndo);
    expect(await redis.adjust(workflow(gid, 'action'), { key, by: -5 })).toEqual(alreadyUndone);
    expect(await stored()).toBe('30');
  });

  test('a refusal changes nothing and leaves no mark: its compensation finds nothing to undo', async () => {
    const { redis, key, gid, stored, marks } = await start('4');
    const refused = redis.adjust(saga(gid, 'action'), { key, by: -5, min: 0, refusal: 'sold out' });
    await expect(refused).rejects.toThrow(new BranchFailure('sold out'));
    expect(await marks()).toEqual({});
    expect(await redis.adjust(saga(gid, 'compensate'), { key, by: 5 })).toEqual(nothingToUndo);
    expect(await redis.adjust(saga(gid, 'compensate'), { key, by: 5 })).toEqual(repeated);
    expect(await stored()).toBe('4');
  });

  test('a try is confirmed or cancelled, each once', async () => {
    const { redis, key, gid, stored } = await start('10');
    await redis.adjust(tcc(gid, 'try'), { key, by: -3, min: 0 });
    expect(await redis.adjust(tcc(gid, 'confirm'), { key, by: -1 })).toEqual({ done: true, value: 6 });
    expect(await redis.adjust(tcc(gid, 'confirm'), { key, by: -1 })).toEqual(repeated);
    const other = newGid();
    await redis.adjust(tcc(other, 'try'), { key, by: -3, min: 0 });
    expect(await redis.adjust(tcc(other, 'cancel'), { key, by: 3 })).toEqual({ done: true, value: 6 });
    expect(await redis.adjust(tcc(other, 'try'), { key, by: -3, min: 0 })).toEqual(repeated);
    expect(await stored()).toBe('6');
  });

  test('each use in one call guards its own work, those that begin together as well', async () => {
    const { redis, key, gid, stored } = await start('0');
    for (const isDone of [true, false]) {
      const barrier = saga(gid, 'action');
      const both = [1, 10].map((by) => redis.adjust(barrier, { key, by }));
      expect((await Promise.all(both)).map(({ done }) => done)).toEqual([isDone, isDone]);
    }
    expect(await stored()).toBe('11');
  });

  test('branches, and gids that look alike, are kept apart', async () => {
    const { redis, key, gid, stored } = await start('0');
    const gids = [gid, `${gid}a`, `${gid}A`, `${gid} 01`, `${gid}}:{x}`, `${gid}\u0000é"';`];
    for (const one of gids) await redis.adjust(saga(one, 'action'), { key, by: 1 });
    await redis.adjust(saga(gid, 'action', '02'), { key, by: 1 });
    expect(await stored()).toBe('7');
    for (const one of gids) expect(await redis.adjust(saga(one, 'action'), { key, by: 1 })).toEqual(repeated);
  });

  test('of simultaneous calls one does the work', async () => {
    const { redis, key, gid, stored } = await start('100');
    const calls = Array.from({ length: 20 }, () => redis.adjust(saga(gid, 'action'), { key, by: -7, min: 0 }));
    expect((await Promise.all(calls)).filter(({ done }) => done)).toHaveLength(1);
    expect(await stored()).toBe('93');
  });

  describe('limits', () => {
    test('are inclusive, and asked only in the direction of the change', async () => {
      const { redis, key, stored } = await start('5');
      const adjust = (by: number, limits: { min?: number; max?: number }) =>
        redis.adjust(saga(newGid(), 'action'), { key, by, ...limits });
      await expect(adjust(-6, { min: 0 })).rejects.toThrow(/ is 5, and may not become -1$/);
      expect(await adjust(-5, { min: 0 })).toMatchObject({ value: 0 });
      await expect(adjust(8, { max: 7 })).rejects.toThrow(/ is 0, and may not become 8$/);
      expect(await adjust(7, { max: 7 })).toMatchObject({ value: 7 });
      expect(await adjust(-1, { min: -10, max: 3 })).toMatchObject({ value: 6 });
      expect(await adjust(1, { min: 50 })).toMatchObject({ value: 7 });
      expect(await adjust(0, { min: 50, max: 1 })).toMatchObject({ value: 7 });
      expect(await adjust(-20, {})).toMatchObject({ value: -13 });
      await expect(adjust(-1, { min: -13 })).rejects.toThrow('is -13, and may not become -14');
      expect(await stored()).toBe('-13');
    });

    test('what is missing is 0', async () => {
      const { redis, key, gid, stored } = await start();
      await expect(redis.adjust(saga(gid, 'action'), { key, by: -1, min: 0 })).rejects.toThrow(BranchFailure);
      expect(await stored()).toBeNull();
      expect(await redis.adjust(saga(newGid(), 'action'), { key, by: 3 })).toEqual({ done: true, value: 3 });
    });

    test('hold for the fields of a hash', async () => {
      const { redis, key, gid } = await start();
      const { send, keyPrefix } = opened();
      await send('HSET', keyPrefix + key, 'tea', '2', 'mate', 'none');
      const take = (one: string, field: string) => redis.adjust(saga(one, 'action'), { key, field, by: -2, min: 0 });
      expect(await take(gid, 'tea')).toEqual({ done: true, value: 0 });
      expect(await take(gid, 'tea')).toEqual(repeated);
      await expect(take(newGid(), 'tea')).rejects.toThrow(/ tea is 0, and may not become -2$/);
      await expect(take(newGid(), 'coffee')).rejects.toThrow(BranchFailure);
      await expect(take(newGid(), 'mate')).rejects.toMatchObject({ code: 'NOT_AN_INTEGER' });
      expect(await send('HGET', keyPrefix + key, 'tea')).toBe('0');
    });
  });

  describe('what is no number', () => {
    test.each(['', 'abc', '1.5', '007', '+5', '-0', ' 5', '1e3', '9007199254740992', '99999999999999999999', '5\n'])(
      'stored as %j is told, and left as it is',
      async (stock) => {
        const { redis, key, gid, stored, marks } = await start(stock);
        const adjusted = redis.adjust(saga(gid, 'action'), { key, by: 1 });
        await expect(adjusted).rejects.toMatchObject({ name: 'InvalidUse', code: 'NOT_AN_INTEGER' });
        expect(await stored()).toBe(stock);
        expect(await marks()).toEqual({});
      },
    );

    test('of another type is told, both ways', async () => {
      const { redis, key, gid } = await start();
      const { send, keyPrefix } = opened();
      await send('RPUSH', keyPrefix + key, 'one');
      const message = `${key} is no whole number up to 2^53 - 1, but a value of another type`;
      const told = { code: 'NOT_AN_INTEGER', message };
      await expect(redis.adjust(saga(gid, 'action'), { key, by: 1 })).rejects.toMatchObject(told);
      await expect(redis.adjust(saga(gid, 'action'), { key, field: 'a', by: 1 })).rejects.toMatchObject(told);
    });

    test('exactly, up to 2^53 - 1', async () => {
      const { redis, key, stored } = await start('9007199254740990');
      expect(await redis.adjust(saga(newGid(), 'action'), { key, by: 1 })).toEqual({
        done: true,
        value: Number.MAX_SAFE_INTEGER,
      });
      await expect(redis.adjust(saga(newGid(), 'action'), { key, by: 1 })).rejects.toMatchObject({
        code: 'NOT_AN_INTEGER',
        message: expect.stringContaining('2^53') as string,
      });
      expect(await stored()).toBe('9007199254740991');
      const all = { key, by: -Number.MAX_SAFE_INTEGER, min: 0 };
      expect(await redis.adjust(saga(newGid(), 'action'), all)).toEqual({ done: true, value: 0 });
      expect(await redis.adjust(saga(newGid(), 'action'), { ...all, min: all.by })).toMatchObject({ value: all.by });
    });

    test.each([
      ['by', Number.NaN],
      ['by', 1.5],
      ['by', 2 ** 53],
      ['by', Number.POSITIVE_INFINITY],
      ['by', '5' as unknown as number],
      ['by', undefined as unknown as number],
      ['min', Number.NaN],
      ['max', 0.5],
    ])('in %s, as %s, is refused before Redis is asked', async (name, value) => {
      const { redis, key, gid } = await start('5');
      const adjusted = redis.adjust(saga(gid, 'action'), { key, by: 1, [name]: value });
      await expect(adjusted).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        message: expect.stringContaining(`${name} must be a whole number`) as string,
      });
    });

    test('a misspelt limit is refused: it would be none', async () => {
      const { redis, key, gid } = await start('5');
      const misspelt = { key, by: -9, minimum: 0 };
      await expect(redis.adjust(saga(gid, 'action'), misspelt)).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        message: expect.stringContaining('adjust has no option "minimum"') as string,
      });
    });
  });

  test.each(['{order-7}:stock', 'a}b', '{}a', '{a', '{{a}}', 'ü{ö}ä', 'a}{b}', '{}{b}', 'a b\n'])(
    'the marks of a key like %j lie in its slot',
    async (form) => {
      const { redis, gid } = await start();
      const key = form + newGid();
      for (const name of [key, newGid() + form]) {
        expect(await redis.adjust(saga(gid, 'action', name), { key: name, by: 2 })).toEqual({ done: true, value: 2 });
        expect(await redis.adjust(saga(gid, 'compensate', name), { key: name, by: -2 })).toMatchObject({ value: 0 });
      }
    },
  );

  test('a key without a name is refused', async () => {
    const { redis, gid } = await start();
    const adjusted = redis.adjust(saga(gid, 'action'), { key: '', by: 1 });
    await expect(adjusted).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });

  test('a message uses its barrier once, since the back-check answers for one mark', async () => {
    const { redis, key, gid, stored } = await start('5');
    const barrier = message(gid);
    await redis.adjust(barrier, { key, by: -1, min: 0 });
    await expect(redis.adjust(barrier, { key, by: -1, min: 0 })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    expect(await stored()).toBe('4');
  });
}
