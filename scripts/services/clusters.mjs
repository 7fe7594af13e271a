import { galera } from './galera.mjs';
import { redisCluster } from './redis-cluster.mjs';
import { redisSentinel } from './redis-sentinel.mjs';

/** Every service of several processes. They start when they are named, never with the others. */
export const clusters = [galera, redisCluster, redisSentinel];
