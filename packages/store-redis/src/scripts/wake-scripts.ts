import { headPiece } from './lua-pieces.js';
import { scriptOf } from './script.js';

/** Most entries of one queue that one run of a wake without a target looks at. */
export const wakeWindow = 1_000;

const wakeOnePiece = `
local function wakeOne(key, gid, m, oldEntry)
  local version, epoch, lease, holder, _, place, token, type, created, target = string.match(m, words)
  local entry = waitingEntry(place, now, target, gid)
  redis.call('ZADD', queue .. type, claimable(place, now, lease), gid)
  if entry then redis.call('ZADD', waiting, 0, entry) end
  redis.call('HSET', key, 'm', table.concat(
    { plusOne(version), epoch, lease, holder, now, place, token, type, created, target }, ' '))
  if oldEntry and oldEntry ~= entry then redis.call('ZREM', waiting, oldEntry) end
end
`;

/**
 * Makes those due that wait for a target, the earliest due first.
 *
 *   KEYS  those that wait
 *   ARGV  what the transactions' keys begin with, what the queues' keys begin with, now, the time after which they are due, limit,
 *         1 to wake or 0 to look, the target
 *
 * Answers the due times of those that were, or would be, woken.
 */
export const wakeTargetScript = scriptOf(
  'wake target',
  headPiece,
  `
local base, queue, now, after, limit = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local waiting, target = KEYS[1], ARGV[7]
`,
  wakeOnePiece,
  `
local answer = {}
local first = '[' .. target .. ' ' .. string.format('%016.0f', tonumber(after) + 1)
local entries = redis.call('ZRANGEBYLEX', waiting, first, '(' .. target .. '!', 'LIMIT', 0, limit)
for _, entry in ipairs(entries) do
  local gid = string.sub(entry, #target + 19)
  local m = redis.call('HGET', base .. gid, 'm')
  local isTrue = false
  if m then
    local _, _, _, _, due, place, _, _, _, of = string.match(m, words)
    isTrue = waitingEntry(place, due, of, gid) == entry
    if isTrue then answer[#answer + 1] = due end
  end
  if not isTrue then
    redis.call('ZREM', waiting, entry)
  elseif ARGV[6] == '1' then
    wakeOne(base .. gid, gid, m, entry)
  end
end
return answer
`,
);

/**
 * Makes due whatever is due later, the earliest due first, among those that it looks at: a window of each queue.
 *
 *   KEYS  the types, those that wait
 *   ARGV  as above but for the target; the queues' entries that were looked at before
 *
 * Answers whether there are entries beyond the window (1 or 0), then the due times.
 */
export const wakeAllScript = scriptOf(
  'wake all',
  headPiece,
  `
local base, queue, now, after, limit = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local waiting, offset = KEYS[2], ARGV[7]
`,
  wakeOnePiece,
  `
local found, isMore = {}, '0'
for _, type in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local gids = redis.call('ZRANGEBYSCORE', queue .. type, '(' .. after, '+inf', 'LIMIT', offset, ${wakeWindow})
  if #gids == ${wakeWindow} then isMore = '1' end
  for _, gid in ipairs(gids) do
    local m = redis.call('HGET', base .. gid, 'm')
    if m then
      local _, _, _, _, due, place, _, _, _, target = string.match(m, words)
      if place == '1' and due ~= '' and tonumber(due) > tonumber(after) then
        found[#found + 1] = { tonumber(due), gid, m, waitingEntry(place, due, target, gid) }
      end
    end
  end
end
table.sort(found, function(one, other) return one[1] < other[1] end)
local answer = { isMore }
for at = 1, math.min(#found, limit) do
  local due, gid, m, entry = unpack(found[at], 1, 4)
  answer[at + 1] = string.format('%.0f', due)
  if ARGV[6] == '1' then wakeOne(base .. gid, gid, m, entry) end
end
return answer
`,
);
