import { InvalidUse } from '../errors.js';
import { scriptOf } from './barrier-script.js';
import type { RedisDriver } from './redis-driver.js';

/** KEYS: one of the server that is asked. Answers its memory's limit in bytes and what it evicts by; nothing where it may not be asked. */
const evictionScript = scriptOf(`
local info = redis.pcall('INFO', 'memory')
if type(info) ~= 'string' then return {} end
return { string.match(info, 'maxmemory:(%d+)'), string.match(info, 'maxmemory_policy:([%w-]+)') }
`);

/**
 * Throws `REDIS_MAY_EVICT` where the server throws marks away when its memory is full: those that expire by a policy `volatile-...`, any by
 * one `allkeys-...`. What then comes again is done twice, and what is undone is not.
 */
export async function refuseEviction(driver: RedisDriver, key: string, isKeptForever: boolean): Promise<void> {
  const answer = (await driver.run(evictionScript.lua, [key], [])) as readonly unknown[];
  const [limit = '0', policy = 'noeviction'] = answer.map(String);
  if (limit === '0' || policy === 'noeviction' || (isKeptForever && policy.startsWith('volatile'))) return;
  const hint = 'set maxmemory-policy noeviction, or keep what it may throw away on another server';
  throw new InvalidUse('REDIS_MAY_EVICT', `with maxmemory-policy ${policy} this Redis may throw marks away: ${hint}`);
}
