/** What an outbox's statements have of their own on each engine. All times are the database's, in UTC. */
import { quotedTableName } from '../barrier/table-name.js';
import { asOfNow } from '../mysql/as-of-now.js';
import { isMysqlTableMissing } from '../mysql/mysql-errors.js';
import { beforeMysqlTable, mysqlTableName } from '../mysql/mysql-session.js';
import { beforePostgresTable } from '../postgres/postgres-session.js';
import { isPostgresTableMissing } from '../postgres/sql-state.js';

export interface OutboxDialect {
  readonly now: string;
  readonly later: (ms: number) => string;
  /** How long ago that time is, in ms. */
  readonly ageMs: (time: string) => string;
  readonly tableName: (table: string) => string;
  readonly createTable: (table: string) => string[];
  /** How rows are named that are changed or deleted by their ids, and no others looked at. */
  readonly select: (table: string, columns: string) => string;
  readonly update: (table: string) => string;
  /** Takes the gids of the rows as values, in their order. */
  readonly delete: (table: string, ids: readonly string[]) => string;
  /** First in each transaction of the outbox's own. */
  readonly atBegin: readonly string[];
  /** After the select of a claim: rows that another relay looks at are passed over. */
  readonly locking: string;
  /** Whether a claim looks without locks first, and then locks by ids: a range is locked with its end, where others insert. */
  readonly isLockingRanges: boolean;
  readonly isTableMissing: (error: unknown) => boolean;
}

/** The columns that are the same everywhere; `attempts` counts claims, and so tells one claim of a row from the next. */
const columns = {
  attempts: 'attempts integer not null default 0',
  parked: 'parked smallint not null default 0',
} as const;

const plain = {
  isLockingRanges: false,
  select: (table: string, columns: string) => `select ${columns} from ${quotedTableName(table)}`,
  update: (table: string) => `update ${quotedTableName(table)}`,
  delete: (table: string, ids: readonly string[]) =>
    `delete from ${quotedTableName(table)} where ${ids.map((id) => `(id = ${id} and gid = ?)`).join(' or ')}`,
} as const;

const postgres: OutboxDialect = {
  now: 'clock_timestamp()',
  later: (ms) => `clock_timestamp() + interval '1 millisecond' * ${ms}`,
  ageMs: (time) => `round(extract(epoch from clock_timestamp() - ${time}) * 1000)`,
  tableName: quotedTableName,
  ...plain,
  createTable: (table) => [
    ...beforePostgresTable(table),
    `create table if not exists ${quotedTableName(table)} (
      id bigserial primary key,
      gid varchar(128) not null,
      request text not null,
      ${columns.attempts},
      ${columns.parked},
      reason varchar(1000) not null default '',
      due_at timestamp with time zone not null,
      created_at timestamp with time zone not null
    )`,
    `create index if not exists ${quotedTableName(`${table.slice(table.indexOf('.') + 1)}_waiting`)}
      on ${quotedTableName(table)} (parked, id)`,
  ],
  // Whatever the pool's default: above it, a row that another relay has just claimed would be a conflict.
  atBegin: ['set transaction isolation level read committed'],
  locking: 'for update skip locked',
  isTableMissing: isPostgresTableMissing,
};

/** A small table is read from one end to the other, unless an index is forced: each of its rows would be locked, and relays wait in a circle. */
const byPrimaryKey = 'force index (primary)';

const mysql: OutboxDialect = {
  now: 'utc_timestamp(3)',
  later: (ms) => `utc_timestamp(3) + interval ${ms * 1_000} microsecond`,
  ageMs: (time) => `round(timestampdiff(microsecond, ${time}, utc_timestamp(3)) / 1000)`,
  tableName: mysqlTableName,
  isLockingRanges: true,
  select: (table, columns) => `${asOfNow}select ${columns} from ${mysqlTableName(table)} ${byPrimaryKey}`,
  update: (table) => `${asOfNow}update ${mysqlTableName(table)} ${byPrimaryKey}`,
  // A delete knows no forced index: the ids come first, and each row is looked up by its own.
  delete: (table, ids) => {
    const done = ids.map((id) => `select ${id} as id`).join(' union all ');
    const isSame = `(outbox.id, outbox.gid) in (${ids.map((id) => `(${id}, ?)`).join(', ')})`;
    const joined = `(${done}) as done straight_join ${mysqlTableName(table)} as outbox on outbox.id = done.id`;
    return `delete outbox from ${joined} where ${isSame}`;
  },
  createTable: (table) => [
    ...beforeMysqlTable(table),
    // No index has the time in it: a claim changes no index, and so never waits for the gaps that other relays have locked.
    `create table if not exists ${mysqlTableName(table)} (
      id bigint primary key auto_increment,
      gid varchar(128) not null,
      request mediumtext not null,
      ${columns.attempts},
      ${columns.parked},
      reason varchar(1000) not null default '',
      due_at datetime(3) not null,
      created_at datetime(3) not null,
      key waiting (parked, id)
    ) engine = InnoDB character set utf8mb4 collate utf8mb4_bin`,
  ],
  atBegin: [],
  locking: 'for update skip locked',
  isTableMissing: isMysqlTableMissing,
};

const sqliteFormat = "'%Y-%m-%d %H:%M:%f', 'now'";

const sqlite: OutboxDialect = {
  now: `strftime(${sqliteFormat})`,
  later: (ms) => `strftime(${sqliteFormat}, '+${(ms / 1_000).toFixed(3)} seconds')`,
  ageMs: (time) => `round((julianday('now') - julianday(${time})) * 86400000)`,
  tableName: quotedTableName,
  ...plain,
  createTable: (table) => [
    `create table if not exists ${quotedTableName(table)} (
      id integer primary key autoincrement,
      gid text not null,
      request text not null,
      ${columns.attempts},
      ${columns.parked},
      reason text not null default '',
      due_at text not null,
      created_at text not null
    )`,
    `create index if not exists ${quotedTableName(`${table}_waiting`)} on ${quotedTableName(table)} (parked, id)`,
  ],
  atBegin: [],
  // A transaction that writes is alone.
  locking: '',
  isTableMissing: (error) => error instanceof Error && error.message.includes('no such table'),
};

export const outboxDialects = { postgres, mysql, sqlite } as const;
