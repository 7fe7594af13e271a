import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { openMysqlStore } from '@tandem/store-sql/mysql';
import { describe, expect, it } from 'vitest';
import { mysqlFaultCases } from './mysql-fault-cases.js';
import { mariadb } from './mysql-place.js';

mysqlFaultCases(mariadb);

describe('a MySQL store that cannot be opened', () => {
  it.each([
    ['no server', 'mysql://user:hidden@127.0.0.1:1/db', 'unavailable'],
    ['no database', 'mysql://user:hidden@127.0.0.1/', 'incompatible'],
    ['another scheme', 'postgres://user:hidden@127.0.0.1/db', 'incompatible'],
    ['no host', 'mysql://user:hidden@/db', 'incompatible'],
    ['a host that is none', 'mysql://user:hidden@a:b:c/db', 'incompatible'],
    ['an unknown setting', 'mysql://user:hidden@127.0.0.1/db?sslmode=require', 'incompatible'],
    ['an unknown TLS mode', 'mysql://user:hidden@127.0.0.1/db?ssl-mode=maybe', 'incompatible'],
    ['an authority that is not there', 'mysql://user:hidden@127.0.0.1/db?ssl-ca=/nowhere.pem', 'incompatible'],
    ['a percent sign by itself', 'mysql://user:hidden%zz@127.0.0.1/db', 'incompatible'],
  ])('says why in a line, without the password: %s', async (_, url, kind) => {
    const error: unknown = await openMysqlStore({ url, connectTimeoutMs: 1_000 }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'StoreError', kind });
    expect((error as Error).message).not.toContain('\n');
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hidden%');
    expect(inspect(error, { depth: 9 })).not.toContain('hidden');
  });

  it('does not wait for ever for a server that says nothing', async () => {
    const silent = createServer((socket) => socket.on('error', () => undefined));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const opening = openMysqlStore({ url: `mysql://u:hidden@127.0.0.1:${String(port)}/db`, connectTimeoutMs: 200 });
    await expect(opening).rejects.toMatchObject({ kind: 'unavailable' });
    silent.close();
  });
});
