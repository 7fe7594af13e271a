import { newGid } from '@tandem/client';
import { expect, test } from 'vitest';
import { message, saga } from './branch-calls.js';
import { marksKey, type RedisLibrary } from './redis-setting.js';

const dayMs = 86_400_000;

/** How long marks are kept, whichever library they go through. */
export function marksCases(opened: () => RedisLibrary): void {
  const keptMs = async (key: string, gid: string) =>
    Number(await opened().send('PTTL', marksKey(opened().keyPrefix, key, gid)));
  const isAbout = (days: number) => (ms: number) => ms > days * dayMs - 60_000 && ms <= days * dayMs;

  test('thirty days after the last use, unless told otherwise', async () => {
    const { send, keyPrefix } = opened();
    for (const [options, days] of [[undefined, 30], [{ keepMarks: '2d' }, 2] as const] as const) {
      const redis = opened().barriers(options);
      for (const op of ['action', 'compensate'] as const) {
        const [key, gid] = [newGid(), newGid()];
        await redis.adjust(saga(gid, op), { key, by: 1 });
        expect(await keptMs(key, gid)).toSatisfy(isAbout(days));
        await send('PEXPIRE', marksKey(keyPrefix, key, gid), '60000');
        await redis.adjust(saga(gid, op), { key, by: 1 });
        expect(await keptMs(key, gid)).toSatisfy(isAbout(days));
      }
      const [key, gid] = [newGid(), newGid()];
      await redis.backCheck(message(gid), key);
      expect(await keptMs(key, gid)).toSatisfy(isAbout(days));
    }
  });

  test('for ever', async () => {
    const redis = opened().barriers({ keepMarks: 'forever' });
    const [key, gid] = [newGid(), newGid()];
    await redis.adjust(saga(gid, 'action'), { key, by: 1 });
    await redis.adjust(saga(gid, 'action'), { key, by: 1 });
    expect(await keptMs(key, gid)).toBe(-1);
    await redis.backCheck(message(gid), key);
    expect(await keptMs(key, gid)).toBe(-1);
  });

  test.each(['23h', '0s', '5', '', '9e30d', '99999999999999d', 7 as unknown as '7d'])('not %j', (keepMarks) => {
    expect(() => opened().barriers({ keepMarks: keepMarks as '1d' })).toThrow(/keepMarks/);
  });

  test('the key itself is not made to expire, nor kept from it', async () => {
    const { send, keyPrefix } = opened();
    const redis = opened().barriers();
    const key = newGid();
    await redis.adjust(saga(newGid(), 'action'), { key, by: 1 });
    expect(Number(await send('PTTL', keyPrefix + key))).toBe(-1);
    await send('PEXPIRE', keyPrefix + key, '60000');
    await redis.adjust(saga(newGid(), 'action'), { key, by: 1 });
    expect(Number(await send('PTTL', keyPrefix + key))).toBeGreaterThan(0);
  });
}
