/**
 * A process that takes orders into a database with their messages (`ROLE` sender), or brings these to the coordinator (relay): killed
 * and started again by outbox-kills.cluster.test.ts, and run on what was built.
 */
import { createClient, newGid } from '@tandem/client';
import { mysql } from '@tandem/client/mysql';
import { createOutbox } from '@tandem/client/outbox';
import { pg } from '@tandem/client/pg';
import { createPool } from 'mysql2/promise';
import { Pool } from 'pg';

const { ROLE = '', ENGINE = '', DATABASE_URL = '', TANDEM_URL = '', RECEIVER = '' } = process.env;
const tandem = createClient({ url: TANDEM_URL, timeout: '1s' });

/** One order in a transaction; each fifth is rolled back after all was written. */
let orders = 0;
function mayRollBack() {
  orders += 1;
  if (orders % 5 === 0) throw new Error('rolled back, as meant');
}

/** @param {string} gid */
const messageOf = (gid) => tandem.message({ gid }).add(RECEIVER, { gid });

function postgres() {
  const pool = new Pool({ connectionString: DATABASE_URL, max: 5 });
  pool.on('error', () => undefined);
  // From the very moment on: what the server says last may stand behind what the pool waits for, in the same packet.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const outbox = createOutbox(tandem, pg(pool));
  /** @param {string} gid */
  const order = async (gid) => {
    const client = await pool.connect();
    try {
      await client.query('begin');
      await client.query('insert into orders values ($1)', [gid]);
      await outbox.send(client, messageOf(gid));
      mayRollBack();
      await client.query('commit');
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      throw error;
    } finally {
      client.release(true);
    }
  };
  return { outbox, order };
}

function mariadb() {
  const pool = createPool({ uri: DATABASE_URL, connectionLimit: 5 });
  const outbox = createOutbox(tandem, mysql(pool));
  /** @param {string} gid */
  const order = async (gid) => {
    const connection = await pool.getConnection();
    try {
      await connection.beginTransaction();
      await connection.query('insert into orders values (?)', [gid]);
      await outbox.send(connection, messageOf(gid));
      mayRollBack();
      await connection.commit();
    } finally {
      connection.destroy();
    }
  };
  return { outbox, order };
}

const { outbox, order } = ENGINE === 'PostgreSQL' ? postgres() : mariadb();
if (ROLE === 'relay') {
  outbox.relay({
    pollInterval: '50ms',
    lease: '2s',
    backOff: '500ms',
    onError: () => undefined,
    onParked: ({ gid, reason }) => console.info(`parked ${gid}: ${reason}`),
  });
} else {
  for (;;) {
    await order(newGid()).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
