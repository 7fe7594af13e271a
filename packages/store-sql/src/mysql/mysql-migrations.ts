import type { SharedMigration } from '../server-sql/apply-migrations.js';
import { tables } from './mysql-tables.js';

/** One statement after the other, each of which may run again: DDL is no part of a transaction here. */
export interface MysqlMigration extends Omit<SharedMigration, 'sql'> {
  readonly statements: readonly string[];
}

const engine = 'ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ROW_FORMAT = DYNAMIC';

/** Before everything else. */
export const migrationTable = `
  CREATE TABLE IF NOT EXISTS ${tables.migration} (
    number INT NOT NULL PRIMARY KEY,
    name VARCHAR(100) NOT NULL,
    works_from INT NOT NULL,
    applied_at BIGINT NOT NULL
  ) ${engine}`;

/**
 * The schema.
 *
 * - The primary key begins with the time of creation, so that what is written together lies on few pages, and listing
 *   and purge need no index of their own. Only the gid's unique index is touched at random.
 * - What is compared is VARBINARY: it is compared as bytes, trailing spaces included, on every engine alike.
 * - A small body lies with its head; a large one in a table of its own, so that a change of the head never writes it again, not
 *   into the binary log nor to the other nodes of a cluster either, which get whole rows.
 * - The first small rows are in `row_log`, the others in a table of their own; see row-log.ts.
 * - `claimable_at` is NULL exactly when finished, and beyond every time where it is unfinished and never claimed: one index
 *   serves claims, counts and listings of the unfinished; there are no partial ones. Its NULLs are in the order of creation.
 * - `claim` is the token of the last claim, by which it finds what it took; beside `claimable_at`, so that no commit writes the
 *   index for it. `claimed_from` is when that could have been claimed, which is the order of a claim's answer.
 * - `waiting_for` and `waiting_due` are NULL unless it waits for a target.
 */
export const mysqlMigrations: readonly MysqlMigration[] = [
  {
    number: 1,
    name: 'transactions and key-values',
    worksFrom: 1,
    statements: [
      `CREATE TABLE IF NOT EXISTS ${tables.tx} (
        created_at BIGINT NOT NULL,
        gid VARBINARY(512) NOT NULL,
        type VARCHAR(16) NOT NULL,
        status VARCHAR(16) NOT NULL,
        is_paused TINYINT NOT NULL,
        due_at BIGINT,
        waits_for VARCHAR(300) NOT NULL,
        lease_owner VARCHAR(255) NOT NULL,
        lease_until BIGINT NOT NULL,
        claimable_at BIGINT,
        waiting_for VARCHAR(300),
        waiting_due BIGINT,
        epoch BIGINT NOT NULL,
        version BIGINT NOT NULL,
        token VARCHAR(64) NOT NULL,
        updated_at BIGINT NOT NULL,
        finished_at BIGINT,
        claim VARCHAR(64),
        claimed_from BIGINT,
        body_bytes BIGINT NOT NULL,
        state LONGTEXT NOT NULL,
        row_log MEDIUMTEXT NOT NULL,
        body TEXT,
        PRIMARY KEY (created_at, gid),
        UNIQUE KEY tandem_tx_gid (gid),
        KEY tandem_tx_claimable (claimable_at, claim, type),
        KEY tandem_tx_waiting (waiting_for, waiting_due)
      ) ${engine}`,
      `CREATE TABLE IF NOT EXISTS ${tables.txBody} (
        created_at BIGINT NOT NULL,
        gid VARBINARY(512) NOT NULL,
        body LONGTEXT NOT NULL,
        PRIMARY KEY (created_at, gid)
      ) ${engine}`,
      `CREATE TABLE IF NOT EXISTS ${tables.txRow} (
        created_at BIGINT NOT NULL,
        gid VARBINARY(512) NOT NULL,
        branch_id VARBINARY(255) NOT NULL,
        op VARBINARY(255) NOT NULL,
        version BIGINT NOT NULL,
        value LONGTEXT NOT NULL,
        PRIMARY KEY (created_at, gid, branch_id, op)
      ) ${engine}`,
      `CREATE TABLE IF NOT EXISTS ${tables.keyValue} (
        category VARBINARY(255) NOT NULL,
        item_key VARBINARY(1024) NOT NULL,
        value LONGTEXT NOT NULL,
        version BIGINT NOT NULL,
        is_deleted TINYINT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (category, item_key)
      ) ${engine}`,
      `CREATE TABLE IF NOT EXISTS ${tables.heartbeat} (
        slot INT NOT NULL PRIMARY KEY,
        beats BIGINT NOT NULL
      ) ${engine}`,
    ],
  },
];
