import { BranchFailure, newGid } from '@tandem/client';
import { expect, test } from 'vitest';
import { message, saga } from './branch-calls.js';
import type { RedisSetting } from './redis-setting.js';

const using = `
  if redis.call('HGET', KEYS[1], 'state') ~= 'free' then refuse('the coupon is used, or there is none') end
  redis.call('HSET', KEYS[1], 'state', 'used', 'order', ARGV[1])
  return { 'for', ARGV[1] }
`;
const giving = `
  redis.call('HSET', KEYS[1], 'state', 'free')
  redis.call('HDEL', KEYS[1], 'order')
`;

/** What the barrier does around Lua of the user's own, whichever library it goes through. */
export function scriptCases(opened: () => RedisSetting): void {
  const start = async () => {
    const { redis, send, keyPrefix } = opened();
    const [key, gid] = [newGid(), newGid()];
    const run = (lua: string, ...args: (string | number)[]) =>
      redis.script(saga(newGid(), 'action'), { lua, keys: [key], args });
    const field = (name: string) => send('HGET', keyPrefix + key, name);
    await send('HSET', keyPrefix + key, 'state', 'free');
    return { redis, key, gid, run, field, marks: () => opened().marks(key, gid) };
  };

  test('a coupon is used once, and given back', async () => {
    const { redis, key, gid, field } = await start();
    const use = (one: string) => redis.script(saga(one, 'action'), { lua: using, keys: [key], args: ['o1'] });
    expect(await use(gid)).toEqual({ done: true, value: ['for', 'o1'] });
    expect(await use(gid)).toEqual({ done: false, skipped: 'repeated' });
    await expect(use(newGid())).rejects.toThrow(new BranchFailure('the coupon is used, or there is none'));
    const giveBack = () => redis.script(saga(gid, 'compensate'), { lua: giving, keys: [key] });
    expect(await giveBack()).toMatchObject({ done: true });
    expect([await field('state'), await field('order')]).toEqual(['free', null]);
    expect(await use(newGid())).toMatchObject({ done: true });
    expect(await giveBack()).toEqual({ done: false, skipped: 'repeated' });
    expect(await field('state')).toBe('used');
  });

  test('a refusal leaves no mark; without a reason it says so', async () => {
    const { redis, key, gid, run, marks } = await start();
    const refused = redis.script(saga(gid, 'action'), { lua: "refuse('no')", keys: [key] });
    await expect(refused).rejects.toThrow(new BranchFailure('no'));
    expect(await marks()).toEqual({});
    await expect(run('return refuse()')).rejects.toThrow(new BranchFailure('refused'));
    await expect(run('refuse(42)')).rejects.toThrow(new BranchFailure('42'));
    await expect(run('refuse(ARGV[1])', 'späť "x"\n')).rejects.toThrow('späť "x"\n');
  });

  test('values arrive as the protocol of Redis says them', async () => {
    const { run } = await start();
    const value = async (lua: string, ...args: (string | number)[]) => {
      const result = await run(lua, ...args);
      return result.done ? result.value : result;
    };
    expect(await value('return ARGV', 'a', 1.5, -0, 'é ')).toEqual(['a', '1.5', '0', 'é ']);
    expect(await value('return #ARGV')).toSatisfy((count: unknown) => Number(count) === 0);
    expect(await value("return 'text'")).toBe('text');
    expect(await value("return redis.status_reply('OK')")).toBe('OK');
    expect((await value('return nil')) ?? 'nothing').toBe('nothing');
    expect((await value('')) ?? 'nothing').toBe('nothing');
    expect(await value("return { { 'a' }, {} } -- a comment at the end")).toEqual([['a'], []]);
  });

  test('names its own keys and arguments, and no others', async () => {
    const { redis, gid } = await start();
    const { keyPrefix } = opened();
    const keys = [`{${gid}}a`, `{${gid}}b`] as const;
    const lua = "return { #KEYS, #ARGV, KEYS[1], KEYS[2], ARGV[1], redis.call('INCRBY', KEYS[2], 3) }";
    const result = await redis.script(saga(gid, 'action'), { lua, keys: [...keys], args: ['x'] });
    const [keyCount, argCount, ...rest] = (result.done ? result.value : []) as string[];
    expect([Number(keyCount), Number(argCount)]).toEqual([2, 1]);
    expect(rest.map(String)).toEqual([keyPrefix + keys[0], keyPrefix + keys[1], 'x', '3']);
  });

  test.each([
    ["redis.call('LPUSH', KEYS[1], 1)", /^WRONGTYPE /],
    ['\n\nlocal a = nil + 1', /script:3: /],
    ["error('as meant')", /script:1: as meant/],
    ["error({ err = 'MINE as meant' })", /^MINE as meant/],
    ['error({})', 'table'],
    ["return redis.error_reply('MINE as meant')", /^MINE as meant/],
    ["return redis.pcall('LPUSH', KEYS[1], 1)", /^WRONGTYPE /],
    ['this is no Lua', /compiling|syntax/],
    ['forgotten = 1', /global|readonly/],
  ])('what fails inside (%j) is thrown as the library tells it, and leaves no mark', async (lua, told) => {
    const { redis, key, gid, marks } = await start();
    const failed = redis.script(saga(gid, 'action'), { lua, keys: [key] });
    await expect(failed).rejects.toThrow(told);
    await expect(failed).rejects.not.toBeInstanceOf(BranchFailure);
    expect(await marks()).toEqual({});
    expect(await redis.script(saga(gid, 'action'), { lua: 'return 1', keys: [key] })).toMatchObject({ done: true });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, undefined, null, {}, true])(
    'the argument %s is refused',
    async (bad) => {
      const { run } = await start();
      await expect(run('return 1', 'good', bad as string)).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        message: expect.stringContaining('args[1] must be a text or a number') as string,
      });
    },
  );

  test('a script that the server has forgotten is told again', async () => {
    const { run } = await start();
    const lua = `return '${newGid()}'`;
    expect(await run(lua)).toMatchObject({ done: true });
    await opened().forgetScripts();
    expect(await run(lua)).toMatchObject({ done: true });
    const many = Array.from({ length: 10 }, () => run(`return '${newGid()}'`));
    expect((await Promise.all(many)).filter(({ done }) => done)).toHaveLength(10);
  });

  test('no text at all is refused', async () => {
    const { run } = await start();
    await expect(run(undefined as unknown as string)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });

  test('no key at all is refused', async () => {
    const { redis, gid } = await start();
    const keys = [] as unknown as [string];
    const work = redis.script(message(gid), { lua: 'return 1', keys });
    await expect(work).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });
}
