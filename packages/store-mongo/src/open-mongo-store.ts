import { StoreError } from '@tandem/store';
import { MongoClient, ReadConcern, type DbOptions, type MongoClientOptions } from 'mongodb';
import { mongoFault } from './mongo-fault.js';
import { MongoStore } from './mongo-store.js';
import { spillLimits, type SpillLimits } from './spill.js';

export interface MongoStoreOptions {
  /**
   * mongodb:// or mongodb+srv:// with all that MongoDB's URLs say, TLS included. What the store needs is set whatever
   * the URL says: the primary, and a majority for reads and writes.
   */
  readonly url: string;
  /** Default: the one in the URL's path, or `tandem`. */
  readonly database?: string;
  /** Most connections to each server; default 10, or the URL's `maxPoolSize`. */
  readonly connectionsMax?: number;
  /** When texts go beside their document; for tests. */
  readonly spill?: SpillLimits;
}

const defaults: MongoClientOptions = {
  maxPoolSize: 10,
  // How long a verb waits for a primary, a connection and a reply before it is a fault; a failover takes up to 12 s, and
  // those who wait for a write try again.
  serverSelectionTimeoutMS: 5_000,
  waitQueueTimeoutMS: 10_000,
  connectTimeoutMS: 5_000,
  socketTimeoutMS: 30_000,
  appName: 'tandem',
};

/** Said of the database, where the URL has no say. */
const demands: DbOptions = {
  readPreference: 'primary',
  readConcern: new ReadConcern('majority'),
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: 10_000 },
};

/**
 * Connects to MongoDB. Rejects with `StoreError` `unavailable`, in one line and without the password, where that is not possible.
 */
export async function openMongoStore(options: MongoStoreOptions): Promise<MongoStore> {
  const client = clientFor(options);
  try {
    await client.connect();
    await client.db('admin').command({ ping: 1 });
  } catch (error) {
    await client.close();
    throw mongoFault(error);
  }
  const database = client.db(options.database ?? databaseOf(options.url), demands);
  return new MongoStore(client, database, options.spill ?? spillLimits);
}

function clientFor({ url, connectionsMax }: MongoStoreOptions): MongoClient {
  const own = Object.entries(defaults).filter(([name]) => !hasOption(url, name));
  const pool = connectionsMax === undefined ? {} : { maxPoolSize: connectionsMax };
  try {
    return new MongoClient(url, { ...Object.fromEntries(own), ...pool });
  } catch {
    // The driver's words hold the whole URL, with its password.
    throw new StoreError(
      'unavailable',
      'MongoDB: the URL is not one that MongoDB knows, or one of its options is wrong',
    );
  }
}

function hasOption(url: string, name: string): boolean {
  const options = url.slice(url.indexOf('?') + 1).split('&');
  return options.some((option) => option.toLowerCase().startsWith(`${name.toLowerCase()}=`));
}

/** Not by `new URL`: MongoDB's URLs name several hosts. */
function databaseOf(url: string): string {
  const name = /^[^/]+\/\/[^/?]*\/([^?]+)/.exec(url)?.[1];
  return name === undefined ? 'tandem' : decodeURIComponent(name);
}
