import pg from 'pg';

/** Transaction ids taken (commits that wrote), bytes of WAL: both exact. The statistics come up to a second late. */
const counterQuery = `
  SELECT txid_snapshot_xmax(txid_current_snapshot())::float8 AS "writingCommits",
         pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 AS "walBytes",
         (SELECT sum(xact_commit + xact_rollback)::float8 FROM pg_stat_database) AS "commits"`;

/** @type {import('./engine.mjs').Engine} */
export const postgres = {
  name: 'postgres',
  service: 'postgres',
  settings: [],

  async connect(url) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return {
      async createDatabase(name, schema) {
        await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
        await client.query(`CREATE DATABASE ${name}`);
        const created = new URL(url);
        created.pathname = `/${name}`;
        if (schema !== undefined) await runIn(created.href, schema);
        return created.href;
      },
      async counters() {
        const { rows } = await client.query(counterQuery);
        return rows[0];
      },
      close: () => client.end(),
    };
  },
};

/** @param {string} url @param {string} statements */
async function runIn(url, statements) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statements);
  } finally {
    await client.end();
  }
}
