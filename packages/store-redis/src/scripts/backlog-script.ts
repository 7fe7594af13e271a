import { scriptOf } from './script.js';

/**
 * Counts what is unfinished.
 *
 *   KEYS  the lists of the open and of the paused, the types
 *   ARGV  what the queues' keys begin with, now
 *
 * Answers how many are open, paused, and could be claimed now.
 */
export const backlogScript = scriptOf(
  'backlog',
  `
local overdue = 0
for _, type in ipairs(redis.call('SMEMBERS', KEYS[3])) do
  overdue = overdue + redis.call('ZCOUNT', ARGV[1] .. type, '-inf', ARGV[2])
end
return { redis.call('ZCARD', KEYS[1]), redis.call('ZCARD', KEYS[2]), overdue }
`,
);
