import { scriptOf } from './barrier-script.js';

/**
 * Keeps a local transaction that has not been done from ever being done, and tells which it is.
 *
 *   KEYS  the hash of the marks
 *   ARGV  the field of the local transaction, the reason to write, how long marks are kept in ms or '' for ever
 *
 * Answers the reason in the mark.
 */
export const backCheckScript = scriptOf(`
redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])
if ARGV[3] ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return redis.call('HGET', KEYS[1], ARGV[1])
`);
