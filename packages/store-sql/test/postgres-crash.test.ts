import { copyFileSync, chmodSync, chownSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commitOf, createOf } from '@tandem/store/contract';
import { openPostgresStore } from '@tandem/store-sql/postgres';
import { afterEach, describe, expect, it } from 'vitest';
import { openInstance, type Instance } from '../../../scripts/services/instance.mjs';
import { killInCommits } from './kill-in-commits.js';
import { administer } from './postgres-place.js';

const hasPrograms = (process.env['TANDEM_TEST_POSTGRES_PROGRAMS'] ?? '') !== '';
const needs = hasPrograms ? '' : ' (needs TANDEM_TEST_POSTGRES_PROGRAMS)';
const certificates = fileURLToPath(new URL('../../server/test/certificates/', import.meta.url));

describe.skipIf(!hasPrograms)(`a PostgreSQL of its own${needs}`, () => {
  let instance: Instance | undefined;

  afterEach(async () => {
    await instance?.close();
    instance = undefined;
  });

  it('killed in the middle of commits and started again has all that was acknowledged, and settles what was not', async () => {
    instance = await openInstance('postgres');
    const { url } = instance;
    await expect.poll(() => answers(url)).toBe(true);
    const store = await openPostgresStore({ url, connectWaitMs: 2_000 });
    await store.migrate();
    const gids = await killInCommits(store, instance);
    const { rows } = await administer(
      (client) => client.query<{ n: number }>('SELECT count(*)::int AS n FROM tandem.tx'),
      url,
    );
    expect(rows[0]?.n).toBe(gids.length);
    await store.close();
  });

  it('that comes back as a standby takes no writes and says so, and is used again once it is promoted', async () => {
    instance = await openInstance('postgres');
    const { url, folder } = instance;
    await expect.poll(() => answers(url)).toBe(true);
    const store = await openPostgresStore({ url, connectWaitMs: 2_000 });
    await store.migrate();
    await store.write([createOf('g')]);
    await instance.kill('SIGINT');
    writeFileSync(join(folder, 'data', 'cluster', 'standby.signal'), '');
    await instance.start();
    await expect.poll(() => answers(url)).toBe(true);
    const refusal = { kind: 'unavailable', message: expect.stringContaining('the server is read-only') as unknown };
    await expect(store.write([commitOf('g', 1)])).rejects.toMatchObject(refusal);
    await expect(store.ping()).rejects.toMatchObject(refusal);
    await expect(store.putKeyValue('c', 'k', 'v', 0, 1)).rejects.toMatchObject(refusal);
    // A node that starts there finds the tables, and no more.
    const other = await openPostgresStore({ url, connectWaitMs: 2_000 });
    await other.migrate();
    expect((await other.load(['g'], 'head'))[0]?.head.version).toBe(1);
    await expect(other.ping()).rejects.toMatchObject(refusal);
    await other.close();
    await administer((client) => client.query('SELECT pg_promote()'), url);
    expect(await store.write([commitOf('g', 1)])).toMatchObject([{ kind: 'applied', version: 2 }]);
    await store.close();
  });

  it('is reached by TLS as the URL asks for it', async () => {
    instance = await openInstance('postgres');
    const { url, folder } = instance;
    await expect.poll(() => answers(url)).toBe(true);
    const owner = statSync(join(folder, 'data'));
    for (const name of ['server.pem', 'server.key']) {
      const place = join(folder, 'data', 'cluster', name);
      copyFileSync(join(certificates, name), place);
      chownSync(place, owner.uid, owner.gid);
      chmodSync(place, 0o600);
    }
    await administer(async (client) => {
      await client.query(`ALTER SYSTEM SET ssl_cert_file = 'server.pem'`);
      await client.query(`ALTER SYSTEM SET ssl_key_file = 'server.key'`);
      await client.query('ALTER SYSTEM SET ssl = on');
      await client.query('SELECT pg_reload_conf()');
    }, url);
    await expect.poll(() => usesTls(`${url}?sslmode=require`)).toBe(true);
    const root = join(certificates, 'authority.pem');
    expect(await usesTls(`${url}?sslmode=verify-full&sslrootcert=${root}`)).toBe(true);
    expect(await usesTls(`${url}?sslmode=disable`)).toBe(false);
    // The certificate names localhost and 127.0.0.1, and is signed by an authority of its own.
    const elsewhere = url.replace('127.0.0.1', '127.1');
    expect(await usesTls(`${elsewhere}?sslmode=verify-ca&sslrootcert=${root}`)).toBe(true);
    await expect(usesTls(`${elsewhere}?sslmode=verify-full&sslrootcert=${root}`)).rejects.toMatchObject({
      kind: 'unavailable',
    });
    await expect(usesTls(`${url}?sslmode=verify-full`)).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(
      usesTls(`${url}?sslmode=verify-ca&sslrootcert=${join(certificates, 'stranger.pem')}`),
    ).rejects.toMatchObject({ kind: 'unavailable' });
  });
});

async function answers(url: string): Promise<boolean> {
  return administer(() => Promise.resolve(true), url).catch(() => false);
}

/** Opens a store there, and asks the server how its connection came. */
async function usesTls(url: string): Promise<boolean> {
  const named = `${url}&application_name=tls-test`;
  const store = await openPostgresStore({ url: named, connectWaitMs: 2_000 });
  try {
    return await administer(async (client) => {
      const { rows } = await client.query<{ ssl: boolean }>(
        `SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'tls-test'`,
      );
      return rows.some(({ ssl }) => ssl);
    }, url.split('?')[0]);
  } finally {
    await store.close();
  }
}
