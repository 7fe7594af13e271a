export { openRedisStore, type RedisStoreOptions } from './open-redis-store.js';
export { RedisStore } from './redis-store.js';
export type { WriteLimits } from './verbs/redis-writes.js';
