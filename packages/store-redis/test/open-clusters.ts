import { openRedisStore, type RedisStore, type RedisStoreOptions } from '@tandem/store-redis';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { openCluster, type ClusterInstance } from '../../../scripts/services/cluster-instance.mjs';
import { newPrefix } from './test-redis.js';

export interface ClusterOfTests {
  /** Once the tests run. */
  readonly cluster: ClusterInstance;
  /** Opens a store with a prefix of its own, which is closed after the test. */
  readonly open: (options?: Partial<RedisStoreOptions>) => Promise<RedisStore>;
}

/** One cluster for the tests of a `describe`: started before them and gone after them. */
export function clusterOfTests(name: 'redis-cluster' | 'redis-sentinel'): ClusterOfTests {
  let running: ClusterInstance | undefined;
  const opened: RedisStore[] = [];
  beforeAll(async () => {
    running = await openCluster(name);
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()));
  });
  afterAll(async () => {
    await running?.close();
  });
  return {
    get cluster() {
      if (running === undefined) throw new Error(`${name} does not run yet`);
      return running;
    },
    async open(options = {}) {
      const store = await openRedisStore({ url: this.cluster.url, prefix: newPrefix(), ...options });
      opened.push(store);
      return store;
    },
  };
}
