import {
  decodePosition,
  type LoadDepth,
  type ScanFilter,
  type ScanPage,
  type ScanPosition,
  type StoredTransaction,
} from '@tandem/store';
import { headColumns, headOfRow } from '../head-columns.js';
import { mergeRows } from '../row-log.js';
import { isNarrow, positionOf, ScanStatements, type ScanDialect, type SqlText } from '../scan-statements.js';
import type { SqlRow } from '../server-sql/sql-session.js';
import { literalList } from './mysql-literal.js';
import type { MysqlPool } from './mysql-pool.js';
import { tables } from './mysql-tables.js';

const heads = headColumns
  .split(', ')
  .map((column) => `t.${column}`)
  .join(',');
const headWidth = headColumns.split(', ').length;
/** In the order of `snapshotsOf`: body, row log, where a claim found it; then those of a row. */
const ofHead = `${heads},COALESCE(t.body,b.body),t.row_log,t.claimed_from,NULL,NULL,NULL,NULL`;
const ofRow = `r.gid,${'NULL,'.repeat(headWidth - 1)}NULL,NULL,NULL,r.branch_id,r.op,r.value,r.version`;
const withBody = `LEFT JOIN ${tables.txBody} b ON t.body IS NULL AND b.created_at=t.created_at AND b.gid=t.gid`;

/** A position in the index: engines do not look up a pair of columns in it. */
function position(operator: '<' | '>=' | '>', { createdAt, gid }: ScanPosition): SqlText {
  const [side] = operator;
  return {
    sql: `created_at ${String(side)}= ? AND (created_at ${String(side)} ? OR gid ${operator} ?)`,
    values: [createdAt, createdAt, gid],
  };
}

export const mysqlScan: ScanDialect = {
  tx: tables.tx,
  position,
  sortedNewestFirst: 'created_at + 0 DESC, gid DESC',
  unfinished: 'claimable_at IS NOT NULL',
};

/** Snapshots and listings. */
export class MysqlReads {
  readonly #pool: MysqlPool;

  constructor(pool: MysqlPool) {
    this.#pool = pool;
  }

  async load(gids: readonly string[], depth: LoadDepth): Promise<readonly (StoredTransaction | undefined)[]> {
    const [result] = await this.#pool.run([selectSnapshots('t', `t.gid IN ${literalList(gids)}`, depth)]);
    const found = new Map(snapshotsOf(result?.rows ?? []).map((one) => [one.transaction.head.gid, one.transaction]));
    return gids.map((gid) => found.get(gid));
  }

  async scan(filter: ScanFilter, cursor: string | undefined, limit: number): Promise<ScanPage> {
    const after = cursor === undefined ? undefined : decodePosition(cursor);
    const statements = new ScanStatements(mysqlScan, filter, after, limit);
    const narrow = await this.#isNarrow(statements);
    const end = narrow ? undefined : positionOf((await this.#query(statements.windowEnd()))[0]);
    return statements.pageOf(await this.#query(statements.page(narrow, end)), end);
  }

  async #isNarrow(statements: ScanStatements): Promise<boolean> {
    for (const count of statements.counts()) if (isNarrow((await this.#query(count))[0]?.[0])) return true;
    return false;
  }

  async #query({ sql, values }: SqlText): Promise<readonly SqlRow[]> {
    return (await this.#pool.query(sql, values)).rows;
  }
}

/**
 * One statement, and so one snapshot of head, body and rows: several would each have their own. `source` is `t`, perhaps with
 * a hint for its index.
 */
export function selectSnapshots(source: string, condition: string, depth: LoadDepth): string {
  const from = `FROM ${tables.tx} ${source}`;
  if (depth === 'head') return `SELECT ${heads},'','',NULL,NULL,NULL,NULL,NULL ${from} WHERE ${condition}`;
  const whole = `SELECT ${ofHead} ${from} ${withBody} WHERE ${condition}`;
  if (depth === 'body') return whole.replace('t.row_log', `''`);
  return `${whole} UNION ALL SELECT ${ofRow} ${from}
    STRAIGHT_JOIN ${tables.txRow} r ON r.created_at=t.created_at AND r.gid=t.gid WHERE ${condition}`;
}

/** Reads what `selectSnapshots` gives: heads and rows in any order. */
export function snapshotsOf(
  rows: readonly SqlRow[],
): readonly { readonly transaction: StoredTransaction; readonly claimedFrom: number }[] {
  const rowsOf = new Map<string, SqlRow[]>();
  for (const row of rows) {
    if (row[headWidth + 3] === null) continue;
    const gid = row[0] as string;
    const known = rowsOf.get(gid);
    if (known === undefined) rowsOf.set(gid, [row.slice(headWidth + 3)]);
    else known.push(row.slice(headWidth + 3));
  }
  return rows
    .filter((row) => row[headWidth + 3] === null)
    .map((row) => ({
      transaction: {
        head: headOfRow(row),
        body: row[headWidth] as string,
        rows: mergeRows(row[headWidth + 1] as string, rowsOf.get(row[0] as string) ?? []),
      },
      claimedFrom: Number(row[headWidth + 2]),
    }));
}
