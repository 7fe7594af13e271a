import { ferretdb } from './ferretdb.mjs';
import { mariadb } from './mariadb.mjs';
import { mysql } from './mysql.mjs';
import { postgres } from './postgres.mjs';
import { redis } from './redis.mjs';
import { valkey } from './valkey.mjs';

/** Every service that tests can ask for. */
export const services = [postgres, mariadb, mysql, redis, valkey, ferretdb];
