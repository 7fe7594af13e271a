-- Changes a number behind the barrier: its effect and its mark are one script, and so happen both or not at all.
-- KEYS: the number, the mark of this operation, the mark of what it undoes (this operation's again where it undoes nothing).
-- ARGV: the change, the seconds that marks live, '1' where the operation undoes another.
-- All is looked at before the first write: Redis takes nothing back when a script fails half-way.
local number, mark, origin = KEYS[1], KEYS[2], KEYS[3]
local change, seconds, undoes = tonumber(ARGV[1]), ARGV[2], ARGV[3] == '1'

-- First of all: what was done is answered by its mark, whatever the number has become meanwhile.
if redis.call('EXISTS', mark) == 1 then
  return 'repeated'
end
if undoes and redis.call('EXISTS', origin) == 0 then
  redis.call('SET', origin, 'rollback', 'EX', seconds)
  redis.call('SET', mark, 'op', 'EX', seconds)
  return 'nothing to undo'
end
local left = tonumber(redis.call('GET', number) or '')
if left == nil or left + change < 0 then
  return 'refused'
end
redis.call('INCRBY', number, change)
redis.call('SET', mark, 'op', 'EX', seconds)
return 'done'
