import { positionPiece } from './lua-pieces.js';
import { scriptOf } from './script.js';

/**
 * Deletes what finished long ago, oldest created first.
 *
 *   KEYS  a list of finished ones
 *   ARGV  what the transactions' keys begin with, the time before which they finished, limit, creation time and gid of the
 *         position to go on from (or empty), the place of the list
 *
 * Answers how many were deleted, how many were looked at, and creation time and gid of the last of these.
 */
export const purgeScript = scriptOf(
  'purge',
  positionPiece,
  `
local base, before, limit = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local start = 0
if ARGV[4] ~= '' then start = countUpTo(KEYS[1], ARGV[4], ARGV[5]) end
local entries = redis.call('ZRANGE', KEYS[1], start, start + limit - 1, 'WITHSCORES')
local purged, seen, lastTime, lastGid = 0, 0, '', ''
for at = 1, #entries, 2 do
  local gid, created = entries[at], entries[at + 1]
  if tonumber(created) >= before then break end
  seen, lastTime, lastGid = seen + 1, created, gid
  local fields = redis.call('HMGET', base .. gid, 'm', 'h')
  local place = fields[1] and string.match(fields[1], '^[^ ]* [^ ]* [^ ]* [^ ]* [^ ]* ([^ ]*)')
  if place ~= ARGV[6] then
    redis.call('ZREM', KEYS[1], gid)
  else
    local finished = string.match(fields[2], '^[^ ]* [^ ]* ([^ ]*)')
    if tonumber(finished) < before then
      redis.call('UNLINK', base .. gid)
      redis.call('ZREM', KEYS[1], gid)
      purged = purged + 1
    end
  end
end
return { tostring(purged), tostring(seen), lastTime, lastGid }
`,
);
