import type { SettingKind } from './setting.js';

/** Engines that Tandem can keep its transactions in. */
export type StoreDriver = 'sqlite';

const notYet = ['mysql', 'postgres', 'redis', 'sqlserver'];

/** DTM's `boltdb`, its embedded engine, means ours; its other engines are told from typing errors. */
export const storeDriver: SettingKind<StoreDriver> = {
  label: 'sqlite (boltdb means the same)',
  read(value) {
    if (value === 'sqlite' || value === 'boltdb') return 'sqlite';
    if (typeof value === 'string' && notYet.includes(value)) {
      throw new Error(`sqlite (or boltdb, which means the same here): ${value} is not supported yet`);
    }
    throw new Error('sqlite (or boltdb, which means the same here)');
  },
  show: (value) => value,
};
