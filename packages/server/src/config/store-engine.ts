/** Engines that keep Tandem's transactions. */
export type StoreEngine = 'sqlite' | 'postgres' | 'mysql' | 'redis' | 'mongodb';

/** `Store.Driver`, DTM's words and everyday names. DTM's `boltdb`, its embedded engine, means ours. */
const drivers: ReadonlyMap<string, StoreEngine> = new Map([
  ['sqlite', 'sqlite'],
  ['boltdb', 'sqlite'],
  ['postgres', 'postgres'],
  ['postgresql', 'postgres'],
  ['mysql', 'mysql'],
  ['mariadb', 'mysql'],
  ['redis', 'redis'],
  ['mongodb', 'mongodb'],
  ['mongo', 'mongodb'],
]);

/** The schemes of store URLs. */
const schemes: ReadonlyMap<string, StoreEngine> = new Map([
  ['sqlite', 'sqlite'],
  ['postgres', 'postgres'],
  ['postgresql', 'postgres'],
  ['mysql', 'mysql'],
  ['mariadb', 'mysql'],
  ['redis', 'redis'],
  ['rediss', 'redis'],
  ['redis-sentinel', 'redis'],
  ['rediss-sentinel', 'redis'],
  ['redis-cluster', 'redis'],
  ['rediss-cluster', 'redis'],
  ['mongodb', 'mongodb'],
  ['mongodb+srv', 'mongodb'],
]);

export function engineOfDriver(driver: string): StoreEngine | undefined {
  return drivers.get(driver);
}

export function engineOfScheme(scheme: string): StoreEngine | undefined {
  return schemes.get(scheme.toLowerCase());
}

export const storeSchemes: readonly string[] = [...schemes.keys()];
export const driverNames: readonly string[] = [...drivers.keys()];
