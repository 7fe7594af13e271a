import { decodePosition, type LoadDepth, type ScanFilter, type ScanPage, type StoredTransaction } from '@tandem/store';
import { headColumns, headOfRow } from '../head-columns.js';
import { mergeRows } from '../row-log.js';
import {
  isNarrow,
  positionOf,
  rowPosition,
  ScanStatements,
  type ScanDialect,
  type SqlText,
} from '../scan-statements.js';
import { inList, listMax, slicesOf, type SqlRow, type TableNames } from '../server-sql/sql-session.js';
import type { BoundStatement } from './pipelined-batch.js';
import type { PostgresPool } from './postgres-pool.js';

const headWidth = headColumns.split(',').length;

/** Snapshots and listings. */
export class PostgresReads {
  readonly #pool: PostgresPool;
  readonly #dialect: ScanDialect;
  readonly #columns: Readonly<Record<LoadDepth, string>>;

  constructor(pool: PostgresPool, { tx, txRow }: TableNames) {
    this.#pool = pool;
    this.#dialect = { tx, position: rowPosition, sortedNewestFirst: '+created_at DESC, gid DESC' };
    // One statement sees one snapshot, so that a head never comes with rows of another time.
    const rows = `(SELECT json_agg(json_build_array(r.branch_id, r.op, r.value, r.version))
      FROM ${txRow} r WHERE r.gid = ${tx}.gid)`;
    this.#columns = {
      head: headColumns,
      body: `${headColumns}, body`,
      all: `${headColumns}, body, row_log, ${rows}`,
    };
  }

  async load(gids: readonly string[], depth: LoadDepth): Promise<readonly (StoredTransaction | undefined)[]> {
    const answers =
      gids.length === 1
        ? await this.#pool.readByKey([this.#pool.bind(...this.#selection(gids, depth))])
        : await this.#pool.read(slicesOf(gids, listMax).map((slice) => this.statement(slice, depth)));
    const found = new Map<string, StoredTransaction>();
    for (const { rows } of answers) for (const row of rows) found.set(row[0] as string, transactionOf(row, depth));
    return gids.map((gid) => found.get(gid));
  }

  /** At most `listMax` gids. */
  statement(gids: readonly string[], depth: LoadDepth): BoundStatement {
    return this.#pool.bindOnce(...this.#selection(gids, depth));
  }

  #selection(gids: readonly string[], depth: LoadDepth): [sql: string, values: SqlText['values']] {
    const list = inList(gids);
    return [`SELECT ${this.#columns[depth]} FROM ${this.#dialect.tx} WHERE gid IN ${list.sql}`, list.values];
  }

  async scan(filter: ScanFilter, cursor: string | undefined, limit: number): Promise<ScanPage> {
    const after = cursor === undefined ? undefined : decodePosition(cursor);
    const statements = new ScanStatements(this.#dialect, filter, after, limit);
    const isFew = await this.#isFew(statements);
    const end = isFew ? undefined : positionOf((await this.#rowsOf(statements.windowEnd()))[0]);
    return statements.pageOf(await this.#rowsOf(statements.page(isFew, end)), end);
  }

  async #isFew(statements: ScanStatements): Promise<boolean> {
    for (const count of statements.counts()) {
      if (isNarrow((await this.#rowsOf(count))[0]?.[0])) return true;
    }
    return false;
  }

  async #rowsOf({ sql, values }: SqlText): Promise<readonly SqlRow[]> {
    return (await this.#pool.query(sql, values)).rows;
  }
}

/** Reads a row of what `depth` asks for. */
export function transactionOf(row: SqlRow, depth: LoadDepth): StoredTransaction {
  return {
    head: headOfRow(row),
    body: depth === 'head' ? '' : (row[headWidth] as string),
    rows: depth === 'all' ? mergeRows(row[headWidth + 1] as string, tableRowsOf(row[headWidth + 2])) : [],
  };
}

function tableRowsOf(json: unknown): readonly SqlRow[] {
  return typeof json === 'string' ? (JSON.parse(json) as readonly SqlRow[]) : [];
}
