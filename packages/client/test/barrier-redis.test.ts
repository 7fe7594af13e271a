import { afterAll, beforeAll, describe } from 'vitest';
import { adjustCases } from './redis/adjust-cases.js';
import { marksCases } from './redis/marks-cases.js';
import { messageCases } from './redis/message-cases.js';
import { redisLibraries } from './redis/redis-libraries.js';
import { settingOf, type RedisLibrary } from './redis/redis-setting.js';
import { scriptCases } from './redis/script-cases.js';

const url = process.env['TANDEM_TEST_REDIS_URL'];

describe.skipIf(url === undefined).each(Object.entries(redisLibraries))('barriers by %s (needs redis)', (_, open) => {
  let library: RedisLibrary;
  beforeAll(async () => {
    library = await open(url ?? '');
  });
  afterAll(() => library.close());

  describe('a number', () => adjustCases(() => settingOf(library)));
  describe('a script', () => scriptCases(() => settingOf(library)));
  describe('the local work of a message', () => messageCases(() => settingOf(library)));
  describe('marks are kept', () => marksCases(() => library));
});
