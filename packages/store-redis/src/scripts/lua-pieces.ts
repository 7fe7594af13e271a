/**
 * Pieces of Lua that several scripts share. What every script keeps to:
 *
 * S1. An index may name too much, never too little: a script adds to indexes before it writes the transaction, and takes out
 *     of them after it. So a script that is cut off in the middle loses nothing; who reads an index checks the transaction.
 * S2. A transaction's hash is written after everything that can go wrong about it was looked at. Whether there is memory,
 *     a disk and enough replicas, Redis decides at the first write of a script, for all of it.
 * S3. Bounded work: the server runs nothing else meanwhile.
 * S4. No text is compared with `<`: Lua would do it by the server's locale.
 */

/** Reads and writes the words of the field `m`; when a transaction can be claimed, and its entry among those that wait. */
export const headPiece = `
local words = '^([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*)$'
local function claimable(place, due, lease)
  if place ~= '1' or due == '' then return nil end
  if tonumber(due) >= tonumber(lease) then return due end
  return lease
end
local function waitingEntry(place, due, target, gid)
  if place ~= '1' or due == '' or target == '' then return nil end
  return target .. ' ' .. string.format('%016.0f', due) .. ' ' .. gid
end
local function plusOne(number)
  return string.format('%.0f', number + 1)
end
`;

/** Where a position (score, member) lies in a sorted set, however many members have its score. */
export const positionPiece = `
local function isBelow(left, right)
  for at = 1, math.min(#left, #right) do
    local one, other = string.byte(left, at), string.byte(right, at)
    if one ~= other then return one < other end
  end
  return #left < #right
end
local function countDownTo(key, score, member)
  local low = redis.call('ZCOUNT', key, '(' .. score, '+inf')
  local high = redis.call('ZCOUNT', key, score, '+inf')
  while low < high do
    local middle = math.floor((low + high) / 2)
    if isBelow(redis.call('ZREVRANGE', key, middle, middle)[1], member) then high = middle else low = middle + 1 end
  end
  return low
end
local function countUpTo(key, score, member)
  local low = redis.call('ZCOUNT', key, '-inf', '(' .. score)
  local high = redis.call('ZCOUNT', key, '-inf', score)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if isBelow(member, redis.call('ZRANGE', key, middle, middle)[1]) then high = middle else low = middle + 1 end
  end
  return low
end
`;

/** The types asked for, from ARGV[from] on, or all that there are; the set of them is \`key\`. */
export const typesPiece = `
local function typesAsked(isAny, from, key)
  if isAny == '1' then return redis.call('SMEMBERS', key) end
  local asked = {}
  for at = from, #ARGV do asked[#asked + 1] = ARGV[at] end
  return asked
end
local function earliest(queue, types)
  local first = nil
  for _, type in ipairs(types) do
    local found = redis.call('ZRANGE', queue .. type, 0, 0, 'WITHSCORES')
    if found[2] and (first == nil or tonumber(found[2]) < tonumber(first)) then first = found[2] end
  end
  return first or ''
end
`;
