import type { SharedMigration } from '../server-sql/apply-migrations.js';
import type { TableNames } from '../server-sql/sql-session.js';

/** What the product behind the protocol wants said differently. */
export interface PostgresFlavor {
  /** Text that is compared by its bytes, whatever the locale of the database. */
  readonly byteText: string;
}

/**
 * The schema of the PostgreSQL store.
 *
 * - A transaction is one record: head, body, and its first rows as a log (row-log.ts). A commit of it rewrites the record
 *   beside itself, without touching an index, as long as no indexed column changes: `claimable_at`, the later of due time
 *   and lease end, stays while a lease is held, and fillfactor keeps the room. A body that does not fit lies apart
 *   (EXTERNAL, so uncompressed) and is not written again.
 * - Nothing counts up: keys are gids, so a distributed engine spreads them; rows have the gid first and lie with their head.
 * - What is finished is in two indexes: the key, and (created_at, gid) for listings and purge.
 * - A deleted key-value stays as a row with its version, so that versions never go back.
 */
export function postgresMigrations(
  { tx, txRow, keyValue, heartbeat }: TableNames,
  { byteText }: PostgresFlavor,
): readonly SharedMigration[] {
  return [
    {
      number: 1,
      worksFrom: 1,
      name: 'transactions and key-values',
      sql: `
        CREATE TABLE ${tx} (
          gid ${byteText} PRIMARY KEY,
          type text NOT NULL,
          status text NOT NULL,
          is_paused smallint NOT NULL,
          due_at bigint,
          waits_for text NOT NULL,
          lease_owner text NOT NULL,
          lease_until bigint NOT NULL,
          claimable_at bigint,
          epoch integer NOT NULL,
          version integer NOT NULL,
          token text NOT NULL,
          created_at bigint NOT NULL,
          updated_at bigint NOT NULL,
          finished_at bigint,
          state text NOT NULL,
          row_log text NOT NULL,
          body text NOT NULL
        );
        CREATE INDEX tx_created ON ${tx} (created_at, gid);
        CREATE INDEX tx_unfinished ON ${tx} (claimable_at, type, is_paused) WHERE finished_at IS NULL;
        CREATE INDEX tx_waiting ON ${tx} (waits_for, due_at) WHERE finished_at IS NULL AND waits_for <> '';
        CREATE TABLE ${txRow} (
          gid ${byteText} NOT NULL,
          branch_id ${byteText} NOT NULL,
          op ${byteText} NOT NULL,
          value text NOT NULL,
          version integer NOT NULL,
          PRIMARY KEY (gid, branch_id, op)
        );
        CREATE TABLE ${keyValue} (
          category ${byteText} NOT NULL,
          item_key ${byteText} NOT NULL,
          value text NOT NULL,
          version integer NOT NULL,
          is_deleted smallint NOT NULL,
          created_at bigint NOT NULL,
          updated_at bigint NOT NULL,
          PRIMARY KEY (category, item_key)
        );
        CREATE TABLE ${heartbeat} (id integer PRIMARY KEY, beats bigint NOT NULL);
        INSERT INTO ${heartbeat} VALUES (1, 0)`,
    },
  ];
}

/**
 * How the tables are kept. An engine that knows none of it goes without, and who has set something else keeps it: these
 * are applied once, with the first migration.
 */
export function postgresTuning({ tx, txRow, heartbeat }: TableNames): readonly string[] {
  return [
    // Room for a second version of each record beside the first: 0.50 of the updates touch no index, 0.06 at 90.
    `ALTER TABLE ${tx} SET (fillfactor = 50)`,
    `ALTER TABLE ${tx} ALTER COLUMN body SET STORAGE EXTERNAL`,
    // The dead entries of what is finished lie where claims begin to look.
    `ALTER TABLE ${tx} SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05)`,
    `ALTER TABLE ${txRow} SET (autovacuum_vacuum_scale_factor = 0.05)`,
    `ALTER TABLE ${heartbeat} SET (fillfactor = 10)`,
  ];
}
