/** Opens the store that a URL names, as the server would; needs what is built. */

/** @typedef {import('@tandem/store').Store} Store */

/** @type {Readonly<Record<string, (url: string) => Promise<Store>>>} */
const openers = {
  'sqlite:': async (url) => {
    const { openSqliteStore } = await import('@tandem/store-sql/sqlite');
    return openSqliteStore({ folder: url.slice('sqlite:'.length) });
  },
  'postgres:': async (url) => {
    const { openPostgresStore } = await import('@tandem/store-sql/postgres');
    return openPostgresStore({ url });
  },
  'mysql:': async (url) => {
    const { openMysqlStore } = await import('@tandem/store-sql/mysql');
    return openMysqlStore({ url });
  },
  'redis:': async (url) => {
    const { openRedisStore } = await import('@tandem/store-redis');
    return openRedisStore({ url });
  },
  'mongodb:': async (url) => {
    const { openMongoStore } = await import('@tandem/store-mongo');
    return openMongoStore({ url });
  },
};

/** @param {string} url `sqlite:FOLDER`, or that of an engine's database @returns {Promise<Store>} migrated */
export async function openStore(url) {
  const scheme = url.slice(0, url.indexOf(':') + 1);
  const open = openers[scheme];
  if (open === undefined) throw new Error(`no store for ${scheme}`);
  const store = await open(url);
  await store.migrate();
  return store;
}
