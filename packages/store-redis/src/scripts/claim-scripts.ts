import { headPiece, typesPiece } from './lua-pieces.js';
import { scriptOf } from './script.js';

/**
 * What could be claimed here, without taking it.
 *
 *   KEYS  the types
 *   ARGV  what the queues' keys begin with, now, limit, 1 for all types or 0, the types
 *
 * Answers the earliest time at which anything can be claimed (empty: none), then the times of the first that can be now.
 */
export const peekScript = scriptOf(
  'peek',
  typesPiece,
  `
local queue, now, limit = ARGV[1], ARGV[2], ARGV[3]
local types = typesAsked(ARGV[4], 5, KEYS[1])
local times = {}
for _, type in ipairs(types) do
  local found = redis.call('ZRANGEBYSCORE', queue .. type, '-inf', now, 'WITHSCORES', 'LIMIT', 0, limit)
  for at = 2, #found, 2 do times[#times + 1] = tonumber(found[at]) end
end
table.sort(times)
local answer = { earliest(queue, types) }
for at = 1, math.min(#times, tonumber(limit)) do answer[at + 1] = string.format('%.0f', times[at]) end
return answer
`,
);

/**
 * Takes leases.
 *
 *   KEYS  the types
 *   ARGV  what the transactions' keys begin with, what the queues' keys begin with, now, limit, owner, lease end, token, most
 *         bytes, 1 for all types or 0, the types
 *
 * Answers the earliest time at which anything can be claimed from then on (empty: none), 1 where the bytes were too many or 0,
 * then gid and hash of each that was taken, those first that could be claimed first. Entries that are not true are mended on
 * the way (S1).
 */
export const claimScript = scriptOf(
  'claim',
  headPiece,
  typesPiece,
  `
local base, queue, now, limit = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local owner, leaseUntil, token, bytesMax = ARGV[5], ARGV[6], ARGV[7], tonumber(ARGV[8])
local types = typesAsked(ARGV[9], 10, KEYS[1])
local due = {}
for _, type in ipairs(types) do
  local found = redis.call('ZRANGEBYSCORE', queue .. type, '-inf', now, 'WITHSCORES', 'LIMIT', 0, limit)
  for at = 1, #found, 2 do due[#due + 1] = { tonumber(found[at + 1]), found[at], queue .. type } end
end
if #types > 1 then table.sort(due, function(one, other) return one[1] < other[1] end) end

local answer, taken, bytes = { '', '0' }, 0, 0
for at = 1, #due do
  if taken == limit then break end
  local gid, of = due[at][2], due[at][3]
  local key = base .. gid
  local fields = redis.call('HGETALL', key)
  local m, size = nil, 0
  for field = 1, #fields, 2 do
    if fields[field] == 'm' then m = field + 1 end
    size = size + #fields[field] + #fields[field + 1]
  end
  local from = nil
  local version, epoch, lease, holder, dueAt, place, oldToken, type, created, target
  if m then
    version, epoch, lease, holder, dueAt, place, oldToken, type, created, target = string.match(fields[m], words)
    from = claimable(place, dueAt, lease)
  end
  if not from or queue .. type ~= of then
    redis.call('ZREM', of, gid)
  elseif tonumber(from) > tonumber(now) then
    redis.call('ZADD', of, from, gid)
  else
    bytes = bytes + size
    if taken > 0 and bytes > bytesMax then
      answer[2] = '1'
      break
    end
    taken = taken + 1
    redis.call('ZADD', of, claimable(place, dueAt, leaseUntil), gid)
    fields[m] = table.concat(
      { plusOne(version), plusOne(epoch), leaseUntil, owner, dueAt, place, token, type, created, target }, ' ')
    redis.call('HSET', key, 'm', fields[m])
    answer[#answer + 1] = gid
    answer[#answer + 1] = fields
  end
end
answer[1] = earliest(queue, types)
return answer
`,
);
