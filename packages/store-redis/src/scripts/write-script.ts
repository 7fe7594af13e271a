import { headPiece } from './lua-pieces.js';
import { scriptOf } from './script.js';

/** The keys before those of the transactions. */
export const writeKeysBefore = 7;

/**
 * Creates and commits.
 *
 *   KEYS  the four lists, those that wait, the types, the beat; then one transaction each
 *   ARGV  what the transactions' keys begin with, what the queues' keys begin with; then for each transaction: its words,
 *         how many arguments follow, and those: fields and values of its hash
 *
 * The words are "c" and the whole field m of a creation; or "u", the expected version, token, due time, place, target, what to
 * do with the lease (k, w, r, t), its end and its owner. Answers one word for each: version/epoch where it was applied, now
 * or before; E exists, C conflict, R the key holds something else.
 *
 * A token that was known makes the script write the beat: WAIT counts replicas up to this connection's last write only.
 */
export const writeScript = scriptOf(
  'write',
  headPiece,
  `
local base, queue = ARGV[1], ARGV[2]
local change = '^u ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*)$'
local isKnownType, isRecognised = {}, false
local results, at = {}, 3

local function put(key, m, first, last)
  if last - first < 1000 then
    redis.call('HSET', key, 'm', m, unpack(ARGV, first, last))
    return
  end
  for from = first, last, 1000 do
    redis.call('HSET', key, unpack(ARGV, from, math.min(from + 999, last)))
  end
  redis.call('HSET', key, 'm', m)
end

local function create(key, gid, m, stored, first, last)
  local _, epoch, lease, _, due, place, token, type, created, target = string.match(m, words)
  if stored then
    local version, storedEpoch, _, _, _, _, storedToken = string.match(stored, words)
    if storedToken ~= token then return 'E' end
    isRecognised = true
    return version .. '/' .. storedEpoch
  end
  if not isKnownType[type] then
    redis.call('SADD', KEYS[6], type)
    isKnownType[type] = true
  end
  redis.call('ZADD', KEYS[tonumber(place)], created, gid)
  local from, entry = claimable(place, due, lease), waitingEntry(place, due, target, gid)
  if from then redis.call('ZADD', queue .. type, from, gid) end
  if entry then redis.call('ZADD', KEYS[5], 0, entry) end
  put(key, m, first, last)
  return '1/' .. epoch
end

local function commit(key, gid, asked, stored, first, last)
  local expected, token, due, place, target, kind, until_, owner = string.match(asked, change)
  if not stored then return 'C' end
  local version, epoch, lease, holder, oldDue, oldPlace, oldToken, type, created, oldTarget = string.match(stored, words)
  if oldToken == token then
    isRecognised = true
    return version .. '/' .. epoch
  end
  if version ~= expected then return 'C' end
  local oldFrom = claimable(oldPlace, oldDue, lease)
  local oldEntry = waitingEntry(oldPlace, oldDue, oldTarget, gid)
  if kind == 'w' then
    lease = until_
  elseif kind == 'r' then
    lease, holder = '0', ''
  elseif kind == 't' then
    lease, holder, epoch = until_, owner, plusOne(epoch)
  end
  version = plusOne(version)
  local from, entry = claimable(place, due, lease), waitingEntry(place, due, target, gid)
  if place ~= oldPlace then redis.call('ZADD', KEYS[tonumber(place)], created, gid) end
  if from and from ~= oldFrom then redis.call('ZADD', queue .. type, from, gid) end
  if entry and entry ~= oldEntry then redis.call('ZADD', KEYS[5], 0, entry) end
  local m = table.concat({ version, epoch, lease, holder, due, place, token, type, created, target }, ' ')
  put(key, m, first, last)
  if place ~= oldPlace then redis.call('ZREM', KEYS[tonumber(oldPlace)], gid) end
  if oldFrom and not from then redis.call('ZREM', queue .. type, gid) end
  if oldEntry and oldEntry ~= entry then redis.call('ZREM', KEYS[5], oldEntry) end
  return version .. '/' .. epoch
end

for index = ${writeKeysBefore + 1}, #KEYS do
  local key = KEYS[index]
  local gid = string.sub(key, #base + 1)
  local asked, first = ARGV[at], at + 2
  local last = at + 1 + tonumber(ARGV[at + 1])
  local stored = redis.pcall('HGET', key, 'm')
  local result
  if type(stored) == 'table' then
    if not string.find(stored.err, 'WRONGTYPE', 1, true) then return stored end
    result = 'R'
  elseif string.byte(asked) == 99 then
    result = create(key, gid, string.sub(asked, 3), stored, first, last)
  else
    result = commit(key, gid, asked, stored, first, last)
  end
  results[#results + 1] = result
  at = last + 1
end
if isRecognised then redis.call('SET', KEYS[7], '1') end
return table.concat(results, ' ')
`,
);
