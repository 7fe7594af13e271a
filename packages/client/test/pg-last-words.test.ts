/** A server that ends right behind an answer: its last words come in the same packet. */
import { createServer, connect, type AddressInfo, type Server } from 'node:net';
import { Barrier, newGid } from '@tandem/client';
import { createBarrierTable, pg, pgXa } from '@tandem/client/pg';
import { Pool } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const serverUrl = process.env['TANDEM_TEST_POSTGRES_URL'];

/** "Ready for query", outside of a transaction. */
const ready = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

/** FATAL, as a server that is killed says it. */
const lastWords = ((): Buffer => {
  const fields = Buffer.from('SFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0');
  const head = Buffer.from([0x45, 0, 0, 0, 0]);
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
})();

describe.skipIf(serverUrl === undefined)(
  'a client that is lost in the packet that made it ready (needs PostgreSQL)',
  () => {
    const target = new URL(serverUrl ?? 'postgres://absent');
    let server: Server;
    let pool: Pool;
    beforeEach(async () => {
      server = createServer((client) => {
        const upstream = connect(Number(target.port), target.hostname);
        upstream.on('data', (data) => {
          const isReady = data.subarray(-ready.length).equals(ready);
          client.write(isReady ? Buffer.concat([data, lastWords]) : data);
        });
        client.on('data', (data) => upstream.write(data));
        for (const [one, other] of [[client, upstream] as const, [upstream, client] as const]) {
          one.on('error', () => undefined).on('close', () => other.destroy());
        }
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const url = new URL(target);
      url.hostname = '127.0.0.1';
      url.port = String((server.address() as AddressInfo).port);
      pool = new Pool({ connectionString: url.href });
      // As every user of a pool needs one, for the clients that are idle.
      pool.on('error', () => undefined);
    });
    afterEach(async () => {
      await pool.end();
      await new Promise((resolve) => server.close(resolve));
    });

    // An error that nobody listens to is one of the run, whatever the test expects.
    test('fails what needed it, and does not end the process', async () => {
      const barrier = new Barrier({ gid: newGid(), transType: 'saga', branchId: '01', op: 'action' });
      await expect(barrier.transaction(pg(pool), () => 1)).rejects.toThrow();
      await expect(createBarrierTable(pool)).rejects.toThrow();
      await expect(pgXa(pool).commit({ gid: newGid(), transType: 'xa', branchId: '01' })).rejects.toThrow();
    });
  },
);
