import { ferretdb } from './ferretdb.mjs';
import { mariadb } from './mariadb.mjs';
import { postgres } from './postgres.mjs';
import { redis } from './redis.mjs';

/** Every service that tests can ask for. */
export const services = [postgres, mariadb, redis, ferretdb];
