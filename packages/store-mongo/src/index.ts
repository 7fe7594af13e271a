export { openMongoStore, type MongoStoreOptions } from './open-mongo-store.js';
export { MongoStore } from './mongo-store.js';
