import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { commitOf, createOf } from '@tandem/store/contract';
import { openMysqlStore } from '@tandem/store-sql/mysql';
import { afterEach, describe, expect, it } from 'vitest';
import { openInstance, type Instance } from '../../../scripts/services/instance.mjs';
import { killInCommits } from './kill-in-commits.js';
import type { TestedEngine } from './mysql-place.js';

const certificates = fileURLToPath(new URL('../../server/test/certificates/', import.meta.url));

export function mysqlCrashCases({ title, service, hasPrograms, needsPrograms }: TestedEngine): void {
  describe.skipIf(!hasPrograms)(`a ${title} of its own${needsPrograms}`, () => {
    const instances: Instance[] = [];

    afterEach(async () => {
      for (const instance of instances.splice(0)) await instance.close();
    });

    async function open(...args: readonly string[]): Promise<Instance> {
      const instance = await openInstance(service, args);
      instances.push(instance);
      await expect.poll(() => ask(instance.url, 'SELECT 1').catch(() => [])).toHaveLength(1);
      return instance;
    }

    it('killed in the middle of commits and started again has all that was acknowledged, and settles what was not', async () => {
      const instance = await open();
      const store = await openMysqlStore({ url: instance.url, connectTimeoutMs: 2_000 });
      await store.migrate();
      const gids = await killInCommits(store, instance);
      expect(await ask(instance.url, 'SELECT count(*) FROM tandem_tx')).toEqual([[gids.length]]);
      expect(await ask(instance.url, 'SELECT count(*) FROM tandem_tx_body')).toEqual([[gids.length]]);
      await store.close();
    });

    it('that takes no writes for a while is waited for, and then used again; its password shows nowhere', async () => {
      const instance = await open();
      await ask(instance.url, `CREATE USER app@'127.0.0.1' IDENTIFIED BY 'hid''den@:/%'`);
      await ask(
        instance.url,
        `GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX ON test.* TO app@'127.0.0.1'`,
      );
      const url = instance.url.replace('root@', `app:${encodeURIComponent("hid'den@:/%")}@`);
      const store = await openMysqlStore({ url });
      await store.migrate();
      await store.write([createOf('g')]);
      await ask(instance.url, 'SET GLOBAL read_only = 1');
      const refused: unknown = await store.write([commitOf('g', 1)]).catch((error: unknown) => error);
      expect(refused).toMatchObject({ name: 'StoreError', kind: 'unavailable' });
      await expect(store.ping()).rejects.toMatchObject({ message: expect.stringContaining('read-only') as unknown });
      expect(inspect(refused, { depth: 9 })).not.toContain('hid');
      // Another node opens none there either, but goes to the next host.
      await expect(openMysqlStore({ url })).rejects.toMatchObject({ kind: 'unavailable' });
      const primary = await open();
      const both = instance.url.replace('/test', `,127.0.0.1:${String(primary.port)}/test`);
      const elsewhere = await openMysqlStore({ url: both });
      await elsewhere.migrate();
      expect(await elsewhere.write([createOf('h')])).toMatchObject([{ kind: 'applied' }]);
      expect(await ask(primary.url, 'SELECT count(*) FROM tandem_tx')).toEqual([[1]]);
      await elsewhere.close();
      await ask(instance.url, 'SET GLOBAL read_only = 0');
      expect(await store.write([commitOf('g', 1)])).toMatchObject([{ kind: 'applied', version: 2 }]);
      await store.close();
    });

    it('without room refuses what is new as full, and has what it took', async () => {
      const { url } = await open('--innodb-file-per-table=0', '--innodb-data-file-path=ibdata1:12M:autoextend:max:48M');
      const store = await openMysqlStore({ url });
      await store.migrate();
      const body = 'x'.repeat(1 << 20);
      const taken: string[] = [];
      const fill = async (): Promise<void> => {
        for (let index = 0; index < 100; index++) {
          const gid = `g${String(index)}`;
          await store.write([createOf(gid, { body })]);
          taken.push(gid);
        }
      };
      await expect(fill()).rejects.toMatchObject({ name: 'StoreError', kind: 'full' });
      expect(taken.length).toBeGreaterThan(5);
      const stored = await store.load([...taken, `g${String(taken.length)}`], 'body');
      expect(stored.map((one) => one?.body.length)).toEqual([...taken.map(() => body.length), undefined]);
      await store.close();
    });

    it('is reached by TLS as the URL asks for it', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'tandem-tls-'));
      chmodSync(folder, 0o755);
      for (const name of ['server.pem', 'server.key']) {
        copyFileSync(join(certificates, name), join(folder, name));
        chmodSync(join(folder, name), 0o644);
      }
      try {
        const { url } = await open(
          `--ssl-cert=${join(folder, 'server.pem')}`,
          `--ssl-key=${join(folder, 'server.key')}`,
        );
        const ca = `ssl-ca=${join(certificates, 'authority.pem')}`;
        // Only by TLS, for whoever has this name.
        await ask(url, `CREATE USER secure@'127.0.0.1' REQUIRE SSL`);
        await ask(url, `GRANT ALL ON test.* TO secure@'127.0.0.1'`);
        const secure = url.replace('root@', 'secure@');
        expect(await opens(`${secure}?ssl-mode=REQUIRED`)).toBe(true);
        const named = secure.replace('127.0.0.1', 'localhost');
        expect(await opens(`${named}?ssl-mode=VERIFY_IDENTITY&${ca}`)).toBe(true);
        expect(await opens(`${secure}?${ca}`)).toBe(true);
        expect(await opens(secure)).toBe(false);
        expect(await opens(`${secure}?ssl-mode=DISABLED`)).toBe(false);
        // The certificate names localhost and 127.0.0.1, and is signed by an authority of its own.
        const elsewhere = secure.replace('127.0.0.1', '127.1');
        expect(await opens(`${elsewhere}?ssl-mode=VERIFY_CA&${ca}`)).toBe(true);
        expect(await opens(`${elsewhere}?ssl-mode=VERIFY_IDENTITY&${ca}`)).toBe(false);
        expect(await opens(`${named}?ssl-mode=VERIFY_IDENTITY`)).toBe(false);
        // The driver would compare an address with localhost, which the certificate names too.
        await expect(openMysqlStore({ url: `${secure}?ssl-mode=VERIFY_IDENTITY&${ca}` })).rejects.toMatchObject({
          kind: 'incompatible',
        });
        const stranger = `ssl-ca=${join(certificates, 'stranger.pem')}`;
        expect(await opens(`${secure}?ssl-mode=VERIFY_CA&${stranger}`)).toBe(false);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  });
}

async function ask(url: string, sql: string): Promise<readonly RowDataPacket[]> {
  const connection = await createConnection({ uri: url, rowsAsArray: true });
  try {
    return (await connection.query<RowDataPacket[]>(sql))[0];
  } finally {
    connection.destroy();
  }
}

async function opens(url: string): Promise<boolean> {
  try {
    await (await openMysqlStore({ url, connectTimeoutMs: 3_000 })).close();
    return true;
  } catch (error) {
    expect(error).toMatchObject({ name: 'StoreError', kind: 'unavailable' });
    return false;
  }
}
