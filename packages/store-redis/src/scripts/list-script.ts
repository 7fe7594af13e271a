import { headPiece, positionPiece } from './lua-pieces.js';
import { scriptOf } from './script.js';

/**
 * One page of each list of a shard, newest first, all from one moment.
 *
 *   KEYS  lists
 *   ARGV  what the transactions' keys begin with, most entries of one list to look at, limit, creation times from and before
 *         (or empty), creation time and gid of the position to go on from (or empty); then what must fit, or an empty text:
 *         status, type, owner as words with "=" before them, prefix of the gid; then the place of each list
 *
 * Answers for each list: creation time and gid where it stopped (empty: it is through), then gid, m and h of each that fits.
 * Entries that are not true are mended on the way (S1).
 */
export const listScript = scriptOf(
  'list',
  headPiece,
  positionPiece,
  `
local base, window, limit = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local createdFrom, createdBefore, afterTime, afterGid = ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local status, type, owner, prefix = ARGV[8], ARGV[9], ARGV[10], ARGV[11]

local function page(list, placeOfList)
  local start = 0
  if createdBefore ~= '' then start = redis.call('ZCOUNT', list, createdBefore, '+inf') end
  if afterTime ~= '' then start = math.max(start, countDownTo(list, afterTime, afterGid)) end
  local entries = redis.call('ZREVRANGE', list, start, start + window - 1, 'WITHSCORES')
  local found = { '', '' }
  for at = 1, #entries, 2 do
    local gid, created = entries[at], entries[at + 1]
    if createdFrom ~= '' and tonumber(created) < tonumber(createdFrom) then return found end
    if prefix == '' or string.sub(gid, 1, #prefix) == prefix then
      local fields = redis.call('HMGET', base .. gid, 'm', 'h')
      local _, _, _, holder, _, place, _, storedType = string.match(fields[1] or '', words)
      if place ~= placeOfList then
        redis.call('ZREM', list, gid)
      else
        local fits = (type == '' or type == '=' .. storedType)
          and (owner == '' or owner == '=' .. holder)
          and (status == '' or status == '=' .. string.match(fields[2], '^[^ ]*'))
        if fits then
          found[#found + 1] = gid
          found[#found + 1] = fields[1]
          found[#found + 1] = fields[2]
          if #found == 2 + limit * 3 then
            found[1], found[2] = created, gid
            return found
          end
        end
      end
    end
  end
  if #entries == window * 2 then found[1], found[2] = entries[#entries], entries[#entries - 1] end
  return found
end

local answer = {}
for at, list in ipairs(KEYS) do answer[at] = page(list, ARGV[11 + at]) end
return answer
`,
);
