import { guardedScript } from './barrier-script.js';

/** What the error reply begins with where there is no whole number to adjust. */
export const notAnInteger = 'NOTANINTEGER';

/**
 * Changes a whole number. Lua counts in doubles: what they cannot hold exactly is no number here.
 *
 *   KEYS  what holds it
 *   ARGV  by how much, its limit in that direction or '', the reason of a refusal or '', then the field where it is one of a hash
 *
 * Answers the number after it, as text.
 */
export const adjustScript = guardedScript(`
local key, by, limit, reason, field = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local stored = field and redis.pcall('HGET', key, field) or not field and redis.pcall('GET', key)
if type(stored) == 'table' then
  return string.find(stored.err, 'WRONGTYPE', 1, true) and { err = '${notAnInteger} a value of another type' } or stored
end
stored = stored or '0'
local isWhole = stored == '0' or string.find(stored, '^-?[1-9]%d*$')
local before = tonumber(stored)
if not isWhole or math.abs(before) > 9007199254740991 then
  return { err = '${notAnInteger} ' .. string.format('%q', string.sub(stored, 1, 40)) }
end
local after = before + tonumber(by)
if limit ~= '' and (after > before and after > tonumber(limit) or after < before and after < tonumber(limit)) then
  if reason ~= '' then refuse(reason) end
  refuse(key .. (field and ' ' .. field or '') .. ' is ' .. stored .. ', and may not become ' .. string.format('%.0f', after))
end
if math.abs(after) > 9007199254740991 then
  return { err = '${notAnInteger} ' .. stored .. ' changed by ' .. by .. ', which is more than 2^53 - 1' }
end
if field then redis.call('HINCRBY', key, field, by) else redis.call('INCRBY', key, by) end
-- As text: both libraries read an integer next to 2^53 as another.
return string.format('%.0f', after)
`);
