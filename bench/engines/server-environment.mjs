/** How a server is told its store by environment variables. */

/** DTM's names of drivers, by the scheme of the URL. @type {Readonly<Record<string, string>>} */
const dtmDrivers = {
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
  'mysql:': 'mysql',
  'mariadb:': 'mysql',
  'redis:': 'redis',
  'mongodb:': 'mongo',
};

/** What this tree's Tandem reads. @param {string} url @returns {Record<string, string>} */
export function tandemStoreEnvironment(url) {
  return { TANDEM_STORE: url };
}

/** What DTM reads. @param {string} url @returns {Record<string, string>} */
export function dtmStoreEnvironment(url) {
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  const driver = dtmDrivers[protocol];
  // DTM's own text for PostgreSQL reads past an empty password and takes the next word for it; a trusting engine takes any.
  const noPassword = driver === 'postgres' ? 'none' : '';
  if (driver === undefined) throw new Error(`DTM has no driver for ${protocol}`);
  return {
    STORE_DRIVER: driver,
    STORE_HOST: hostname,
    STORE_PORT: port,
    STORE_USER: decodeURIComponent(username),
    STORE_PASSWORD: password === '' ? noPassword : decodeURIComponent(password),
    STORE_DB: pathname.slice(1),
  };
}
