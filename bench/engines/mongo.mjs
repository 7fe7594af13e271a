import { MongoClient } from 'mongodb';

/**
 * FerretDB, which speaks MongoDB's wire and keeps its data in SQLite: a MongoDB itself would be another engine with other figures.
 * @type {import('./engine.mjs').Engine}
 */
export const mongo = {
  name: 'mongo',
  service: 'ferretdb',
  settings: [],

  async connect(url) {
    const client = new MongoClient(url);
    await client.connect();
    return {
      async createDatabase(name) {
        await client.db(name).dropDatabase();
        const created = new URL(url);
        created.pathname = `/${name}`;
        return created.href;
      },
      async counters() {
        return countersOf(await client.db('admin').command({ serverStatus: 1 }));
      },
      close: () => client.close(),
    };
  },
};

/** @param {Record<string, unknown>} status the answer of serverStatus @returns {import('./engine.mjs').Counters} */
export function countersOf({ metrics }) {
  const { commands = {} } = /** @type {{ commands?: Record<string, { total?: unknown }> }} */ (metrics ?? {});
  const totals = Object.values(commands).map(({ total }) => Number(total));
  return { commands: totals.filter(Number.isFinite).reduce((sum, total) => sum + total, 0) };
}
