/** The Redis that the tests share; undefined where there is none. */
export const redisUrl = process.env['TANDEM_TEST_REDIS_URL'];

let prefixes = 0;

/** A prefix that no other test and no other run has. */
export function newPrefix(): string {
  return `t${process.pid}-${Date.now().toString(36)}-${++prefixes}`;
}
