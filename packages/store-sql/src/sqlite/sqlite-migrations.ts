import type { Migration } from '../migration.js';

/**
 * The schema of the SQLite store.
 *
 * - The integer ids keep what is written together on few pages; only the gid's own index is touched at random.
 * - A body stands apart, so that changing a head never writes it again.
 * - `claimable_at` is the later of due time and lease end, NULL while paused or without a due time.
 * - Text is compared by its bytes (SQLite's BINARY collation).
 * - A deleted key-value stays as a row with its version, so that versions never go back.
 */
export const sqliteMigrations: readonly Migration[] = [
  {
    number: 1,
    name: 'transactions and key-values',
    sql: `
      CREATE TABLE tx (
        id INTEGER PRIMARY KEY,
        gid TEXT NOT NULL UNIQUE,
        type TEXT NOT NULL,
        status TEXT NOT NULL,
        is_paused INTEGER NOT NULL,
        due_at INTEGER,
        waits_for TEXT NOT NULL,
        lease_owner TEXT NOT NULL,
        lease_until INTEGER NOT NULL,
        claimable_at INTEGER,
        epoch INTEGER NOT NULL,
        version INTEGER NOT NULL,
        token TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        finished_at INTEGER,
        state TEXT NOT NULL
      ) STRICT;
      CREATE INDEX tx_created ON tx (created_at, gid);
      CREATE INDEX tx_unfinished ON tx (claimable_at, type, is_paused) WHERE finished_at IS NULL;
      CREATE INDEX tx_waiting ON tx (waits_for, due_at) WHERE finished_at IS NULL AND waits_for <> '';
      CREATE TABLE tx_body (
        tx_id INTEGER PRIMARY KEY,
        body TEXT NOT NULL
      ) STRICT;
      CREATE TABLE tx_row (
        tx_id INTEGER NOT NULL,
        branch_id TEXT NOT NULL,
        op TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (tx_id, branch_id, op)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE key_value (
        category TEXT NOT NULL,
        key TEXT NOT NULL,
        value TEXT NOT NULL,
        version INTEGER NOT NULL,
        is_deleted INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        PRIMARY KEY (category, key)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE heartbeat (id INTEGER PRIMARY KEY CHECK (id = 1), beats INTEGER NOT NULL, filling BLOB NOT NULL) STRICT;
      INSERT INTO heartbeat VALUES (1, 0, x'');
    `,
  },
];
