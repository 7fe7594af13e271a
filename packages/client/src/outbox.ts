/**
 * The outbox: messages and sagas that are written in a business transaction, and brought to the coordinator afterwards. The business
 * commits even while no coordinator can be reached.
 *
 * @module
 */
export { createOutbox, createOutboxTable, type Outbox, type OutboxOptions, type OutboxRelay } from './outbox/outbox.js';
export type { OutboxCounts, Parked } from './outbox/outbox-rows.js';
export type { RelayOptions } from './outbox/relay-options.js';
export type { AsyncSqlDatabase, SqlAccess, SqlDatabase, SqlStatements, SyncSqlDatabase } from './sql/sql-access.js';
