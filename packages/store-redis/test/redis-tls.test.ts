import { copyFileSync, chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openRedisStore, type RedisStore } from '@tandem/store-redis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../scripts/processes/free-port.mjs';
import { openInstance, type Instance } from '../../../scripts/services/instance.mjs';
import { createOf, hasPrograms, kinds } from './test-redis.js';

const certificates = fileURLToPath(new URL('../../server/test/certificates/', import.meta.url));
const files = ['authority.pem', 'server.pem', 'server.key', 'client.pem', 'client.key', 'stranger.pem'] as const;

let folder: string;
let instance: Instance | undefined;
let port: number;

const fileAt = (name: (typeof files)[number]): string => join(folder, name);

describe.skipIf(!hasPrograms)('Redis with TLS (needs the programs of redis)', () => {
  beforeEach(async () => {
    // Redis may run as a user who cannot look into this repository.
    folder = mkdtempSync(join(tmpdir(), 'tandem-redis-tls-'));
    chmodSync(folder, 0o755);
    for (const name of files) {
      copyFileSync(join(certificates, name), fileAt(name));
      chmodSync(fileAt(name), 0o644);
    }
    port = await freePort();
    const settings = {
      port,
      'cert-file': fileAt('server.pem'),
      'key-file': fileAt('server.key'),
      'ca-cert-file': fileAt('authority.pem'),
    };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--tls-${name}`, String(value)]);
    instance = await openInstance('redis', args).catch((error: unknown) => {
      // Some builds of Redis have no TLS.
      if (/Bad directive|TLS support/.test(String(error))) return undefined;
      throw error;
    });
  });

  afterEach(async () => {
    await instance?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is opened with a certificate of an authority that the URL names, and with none of another', async (context) => {
    if (instance === undefined) {
      context.skip('this Redis has no TLS');
      return;
    }
    const url = (ca: 'authority.pem' | 'stranger.pem', withCertificate = true): string => {
      const own = withCertificate ? `&cert=${fileAt('client.pem')}&key=${fileAt('client.key')}` : '';
      return `rediss://localhost:${port}?ca=${fileAt(ca)}${own}`;
    };
    const store: RedisStore = await openRedisStore({ url: url('authority.pem') });
    expect(await kinds(store, createOf('g'))).toEqual(['applied']);
    await store.close();
    for (const wrong of [url('stranger.pem'), url('authority.pem', false), `rediss://localhost:${port}`]) {
      await expect(openRedisStore({ url: wrong, retryForMs: 0 })).rejects.toMatchObject({ kind: 'unavailable' });
    }
  });
});
