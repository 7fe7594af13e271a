import { scriptOf } from './script.js';

/*
 * A key-value is a hash: version, and while it is not deleted value, created and updated. The keys of a category that are not
 * deleted are members of a sorted set, all with score 0, and so in the order of their bytes.
 */

/** KEYS: the hash, the index. ARGV: key, value, expected version, now. Answers 1 where it was put. */
export const putKeyValueScript = scriptOf(
  'put key-value',
  `
local stored = redis.call('HMGET', KEYS[1], 'version', 'value')
local seen = stored[2] and stored[1] or '0'
if seen ~= ARGV[3] then return 0 end
redis.call('ZADD', KEYS[2], 0, ARGV[1])
if not stored[2] then redis.call('HSET', KEYS[1], 'created', ARGV[4]) end
redis.call('HSET', KEYS[1], 'version', string.format('%.0f', tonumber(stored[1] or '0') + 1), 'value', ARGV[2],
  'updated', ARGV[4])
return 1
`,
);

/** KEYS: the hash, the index. ARGV: key. Answers 1 where it was there. */
export const deleteKeyValueScript = scriptOf(
  'delete key-value',
  `
local isThere = redis.call('HDEL', KEYS[1], 'value')
redis.call('ZREM', KEYS[2], ARGV[1])
return isThere
`,
);

/** KEYS: the index. ARGV: what the hashes' keys begin with, first key as a bound, limit. Answers key and hash of each. */
export const scanKeyValuesScript = scriptOf(
  'scan key-values',
  `
local answer = {}
for _, key in ipairs(redis.call('ZRANGEBYLEX', KEYS[1], ARGV[2], '+', 'LIMIT', 0, ARGV[3])) do
  answer[#answer + 1] = { key, unpack(redis.call('HMGET', ARGV[1] .. key, 'version', 'value', 'created', 'updated'), 1, 4) }
end
return answer
`,
);
