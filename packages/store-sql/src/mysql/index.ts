export { openMysqlStore, type MysqlStoreOptions } from './open-mysql-store.js';
