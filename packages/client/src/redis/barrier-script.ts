/**
 * The barrier and the work, in one script: Redis runs nothing in between, and keeps all of it or nothing.
 *
 * R1. The mark is looked for before the work looks at anything: a repeat of what was done is no refusal, whatever the limits say now.
 * R2. The mark is written after the work, which may refuse or fail: neither leaves one. What it then has written stays, since
 *     Redis takes nothing back; so work looks first and writes afterwards.
 * R3. Marks and keys lie in one slot.
 *
 *   KEYS  the hash of the marks, then those of the work
 *   ARGV  field of this operation, its reason, field of what it undoes or '', how long marks are kept in ms or '' for ever, then those of the work
 *
 * Answers `done` and what the work returned; `skipped` and the reason in the mark that was in the way; `nothing` to undo;
 * `refused` and why. The mark's fields and reasons are the rows of DTM's table.
 */
import { createHash } from 'node:crypto';

export interface RedisScript {
  readonly lua: string;
  readonly sha1: string;
}

/** The barrier around this work, which has KEYS and ARGV of its own, and `refuse(reason)`. */
export function guardedScript(work: string): RedisScript {
  // The work begins in the first line, so that the line numbers of its errors are its own.
  return scriptOf(`${before}${work}\n${after}`);
}

export function scriptOf(lua: string): RedisScript {
  return { lua, sha1: createHash('sha1').update(lua).digest('hex') };
}

const before =
  'local refusal = {} ' +
  "local function refuse(reason) refusal.reason = tostring(reason or 'refused') error(refusal) end " +
  'local function work(KEYS, ARGV) ';

const after = `
end
local marks, current, reason, origin, keptMs = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local function keep()
  if keptMs ~= '' then redis.call('PEXPIRE', marks, keptMs) end
end
local function mark(why)
  redis.call('HSET', marks, current, why)
  keep()
end

local found = redis.call('HGET', marks, current)
if found then
  keep()
  return { 'skipped', found }
end
if origin ~= '' and redis.call('HSETNX', marks, origin, reason) == 1 then
  mark(reason)
  return { 'nothing' }
end

local keys, args = {}, {}
for at = 2, #KEYS do keys[at - 1] = KEYS[at] end
for at = 5, #ARGV do args[at - 4] = ARGV[at] end
local isDone, value = pcall(work, keys, args)
if not isDone and value == refusal then
  -- A message is given up for good: its local work must not be done by a repeat of it that is still on its way.
  if reason == 'msg' then mark('rollback') end
  return { 'refused', refusal.reason }
end
if not isDone then
  -- As Redis told it, where it was Redis: callers go by the first word. Redis 6.2 puts the place before it.
  local told = string.gsub(type(value) == 'table' and value.err or tostring(value), '^@user_script: %d+: %-', '')
  return { err = string.find(told, '^%u+ ') and told or 'ERR ' .. told }
end
if type(value) == 'table' and value.err then return value end
mark(reason)
return { 'done', value }
`;
