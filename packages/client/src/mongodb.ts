/**
 * Barriers on MongoDB by its driver (`mongodb`): in the document that changes, by one conditional update, on any server of
 * MongoDB; or in transactions, for replica sets and sharded clusters, with rows as DTM's.
 *
 * @module
 */
export {
  documentBarriers,
  type DocumentBarrierOptions,
  type DocumentBarriers,
  type RefusalOptions,
} from './mongodb/document-barriers.js';
export { createBarrierCollection, mongoBarriers, type MongoBarrierOptions } from './mongodb/mongo-barriers.js';
