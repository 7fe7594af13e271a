import type { SettingKind } from './setting.js';
import { driverNames, engineOfDriver, type StoreEngine } from './store-engine.js';
import { readStoreUrl, shownStoreUrl } from './store-url.js';

/** An engine by DTM's name for it, or by an everyday one. */
export const storeDriver: SettingKind<StoreEngine> = {
  label: 'sqlite, postgres, mysql, redis, mongodb',
  read(value) {
    const engine = typeof value === 'string' ? engineOfDriver(value) : undefined;
    if (engine !== undefined) return engine;
    throw new Error(`one of ${driverNames.join(', ')}`);
  },
  show: (value) => value,
};

/** The URL of a store; shown without its password. */
export const storeUrl: SettingKind<string> = {
  label: 'URL',
  read(value) {
    if (typeof value !== 'string') throw new Error('a URL');
    return readStoreUrl(value).url;
  },
  show: (value) => value,
  redact: shownStoreUrl,
};
