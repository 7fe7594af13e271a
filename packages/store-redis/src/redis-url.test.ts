import { describe, expect, it } from 'vitest';
import { parseRedisUrl } from './redis-url.js';

const plain = { kind: 'single', address: { host: 'h', port: 6379 } };

describe('the URL of a Redis store', () => {
  it.each([
    ['redis://h', { place: plain, database: 0, tls: undefined, username: undefined, password: undefined }],
    ['redis://h:7/3', { place: { kind: 'single', address: { host: 'h', port: 7 } }, database: 3 }],
    ['redis://[::1]:7', { place: { kind: 'single', address: { host: '::1', port: 7 } } }],
    ['rediss://user:p%40ss@h', { place: plain, tls: {}, username: 'user', password: 'p@ss' }],
    ['redis://:only%3Apassword@h', { username: undefined, password: 'only:password' }],
    [
      'redis://h?shards=8&prefix=p&waitReplicas=1&waitTimeout=50',
      { shards: 8, prefix: 'p', waitReplicas: 1, waitTimeoutMs: 50 },
    ],
    ['redis://h?eviction=volatile', { allowVolatileEviction: true }],
    [
      'redis-cluster://a:1,b',
      {
        place: {
          kind: 'cluster',
          seeds: [
            { host: 'a', port: 1 },
            { host: 'b', port: 6379 },
          ],
        },
      },
    ],
    ['rediss-cluster://a:1?servername=s', { tls: { servername: 's' } }],
    ['redis-clusters://a:1', { tls: {} }],
    [
      'redis-sentinel://u:p@a,b:2/main/5?sentinelUser=su&sentinelPassword=sp',
      {
        place: {
          kind: 'sentinel',
          sentinels: [
            { host: 'a', port: 26379 },
            { host: 'b', port: 2 },
          ],
          masterName: 'main',
        },
        ...{ database: 5, username: 'u', password: 'p', sentinelUsername: 'su', sentinelPassword: 'sp' },
      },
    ],
  ])('%s is understood', (url, expected) => {
    expect(parseRedisUrl(url)).toMatchObject(expected);
  });

  it.each([
    ['http://h', 'must look like'],
    ['redis://', 'must look like'],
    ['redis://a,b', 'several hosts'],
    ['redis://h:0', 'is not host:port'],
    ['redis://h:99999', 'is not host:port'],
    ['redis://h/x', 'the database is a number'],
    ['redis://h/1/2', 'at most a database'],
    ['redis://h?nonsense=1', 'does not know "nonsense"'],
    ['redis://h?shards=many', 'shards is a number'],
    ['redis://h?eviction=all', 'eviction can be'],
    ['redis-cluster://a:1/3', 'no databases'],
    ['redis-sentinel://a:1', '/masterName'],
    ['rediss://h?ca=/no/such/file', 'cannot read the file that "ca" names'],
  ])('%s is refused: %s', (url, reason) => {
    expect(() => parseRedisUrl(url)).toThrow(reason);
  });
});
