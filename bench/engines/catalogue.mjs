import { mariadb } from './mariadb.mjs';
import { mongo } from './mongo.mjs';
import { postgres } from './postgres.mjs';
import { redis } from './redis.mjs';

/** Every engine that `--store` can name beside the embedded one. @type {readonly import('./engine.mjs').Engine[]} */
export const engines = [postgres, mariadb, redis, mongo];

export const embeddedStore = 'sqlite';

export function storeNames() {
  return [embeddedStore, ...engines.map(({ name }) => name)];
}
