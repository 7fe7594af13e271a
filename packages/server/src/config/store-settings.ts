import { setting, type Setting } from './setting.js';
import { name, optional, optionalText, seconds, wholeNumber } from './setting-kinds.js';
import { storeDriver, storeUrl } from './store-kinds.js';

/** The settings that say where the transactions are kept; those that DTM knows have DTM's names. */
export const storeSettings = {
  storeUrl: setting(
    { path: 'Store.Url', environment: 'TANDEM_STORE', flag: 'store', isSecret: true },
    optional(storeUrl, 'none'),
    undefined,
    'Where the transactions are kept: `sqlite:FOLDER`, `postgres://` or `postgresql://`, `mysql://`, `mariadb://`, `redis://`, `redis-sentinel://`, `redis-cluster://` (by TLS `rediss...`), `mongodb://`, `mongodb+srv://`; docs/stores tells what each takes. It says what Driver, Host, Port, User and Db say in pieces. Logs show it without its password.',
  ),
  storeDriver: setting(
    { path: 'Store.Driver' },
    optional(storeDriver, 'sqlite'),
    undefined,
    'Engine that keeps the transactions, where no Store.Url says it. `boltdb`, `postgresql`, `mariadb` and `mongo` are taken too; `boltdb` means `sqlite`.',
  ),
  dataFolder: setting(
    { path: 'Store.Folder', environment: 'TANDEM_DATA', flag: 'data' },
    name,
    './data',
    'Folder of the embedded store; created when missing, for its user alone: payloads and headers lie there in plain. One process at a time owns it.',
  ),
  storeHost: setting(
    { path: 'Store.Host' },
    optionalText,
    undefined,
    "The database's host. Redis: `host:port,host:port` is a cluster.",
  ),
  storePort: setting(
    { path: 'Store.Port' },
    optional(wholeNumber(1, 65_535), "the engine's own"),
    undefined,
    "The database's port.",
  ),
  storeUser: setting({ path: 'Store.User' }, optionalText, undefined, "The database's user."),
  storePassword: setting(
    { path: 'Store.Password', isSecret: true },
    optionalText,
    undefined,
    'Password of that user, or of the user in a Store.Url that holds none.',
  ),
  storeDatabase: setting(
    { path: 'Store.Db' },
    optional(optionalText, 'dtm'),
    undefined,
    'Name of the database; it must exist. Redis has none.',
  ),
  storeSchema: setting(
    { path: 'Store.Schema' },
    optional(optionalText, 'tandem'),
    undefined,
    'PostgreSQL: schema of the tables; created when missing.',
  ),
  storeConnectionsMax: setting(
    { path: 'Store.MaxOpenConns' },
    optional(wholeNumber(1, 10_000), 'as suits the engine'),
    undefined,
    'Most connections to the database (not Redis, which needs one). A handful is enough, since what waits shares them; keep all nodes together well under what the database allows.',
  ),
  storePrefix: setting(
    { path: 'Store.RedisPrefix' },
    optional(optionalText, 'tandem'),
    undefined,
    'Redis: what every key begins with. Braces are left out: Tandem spreads its keys over the slots by its own.',
  ),
  storeWaitMs: setting(
    { path: 'Store.StartWait', environment: 'TANDEM_STORE_START_WAIT' },
    seconds(0, 3600),
    30_000,
    'How long a start waits for a database that cannot be reached yet; then it fails with exit code 1.',
  ),
} satisfies Record<string, Setting<unknown>>;
