import type { TableNames } from '../server-sql/sql-session.js';

/** Within the database of the URL, which may hold other things: DTM's tables, say. */
export const tables = {
  tx: 'tandem_tx',
  txBody: 'tandem_tx_body',
  txRow: 'tandem_tx_row',
  keyValue: 'tandem_key_value',
  heartbeat: 'tandem_heartbeat',
  migration: 'tandem_migration',
} as const satisfies TableNames & { readonly txBody: string };

/** What `claimable_at` holds of what is unfinished and never claimed; beyond every time. */
export const claimableNever = { idle: 9_000_000_000_000_000, paused: 9_000_000_000_000_001 } as const;

/** A heartbeat's rows: each store beats its own of these, so that two nodes seldom meet. */
export const heartbeatSlots = 32;
