export type {
  Backlog,
  BatchLimits,
  ClaimRequest,
  ClaimResult,
  CommitItem,
  CreateItem,
  HeadFields,
  KeyValue,
  KeyValuePage,
  LeaseChange,
  LoadDepth,
  PurgeResult,
  ScanFilter,
  ScanPage,
  Store,
  StoredHead,
  StoredRow,
  StoredTransaction,
  WakeFilter,
  WriteItem,
  WriteResult,
} from './store.js';
export { StoreError } from './store-error.js';
export { MemoryStore, type MemoryStoreWatch, type StoreChange } from './memory-store.js';
export { InterceptedStore, type StoreInterceptor, type StoreRequest } from './intercepted-store.js';
export { UnreliableStore, type Faults } from './unreliable-store.js';
export {
  GroupCommit,
  type GroupCommitCounts,
  type GroupCommitEvents,
  type GroupCommitLimits,
  type GroupCommitOptions,
  type GroupCommitTiming,
  type WriteOptions,
} from './group-commit.js';
export { claimableAt } from './claimable-at.js';
export { compareBytes } from './byte-order.js';
export { decodePosition, encodePosition, type ScanPosition } from './scan-position.js';
