import {
  decodePosition,
  type LoadDepth,
  type ScanFilter,
  type ScanPage,
  type StoredRow,
  type StoredTransaction,
} from '@tandem/store';
import { headColumns, headOfRow } from '../head-columns.js';
import {
  isNarrow,
  positionOf,
  rowPosition,
  ScanStatements,
  type ScanDialect,
  type SqlText,
} from '../scan-statements.js';
import type { SqliteConnection, SqlRow, SqlValue, Statement } from './sqlite-connection.js';

/** The plus keeps SQLite from walking the whole order where the narrow index is the better way in. */
const dialect: ScanDialect = { tx: 'tx', position: rowPosition, sortedNewestFirst: '+created_at DESC, gid DESC' };

/** Snapshots and listings. */
export class SqliteReads {
  readonly #connection: SqliteConnection;
  readonly #head: Statement;
  readonly #body: Statement;
  readonly #rows: Statement;
  readonly #statements = new Map<string, Statement>();

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
    this.#head = connection.prepare(`SELECT id, ${headColumns} FROM tx WHERE gid = ?`);
    this.#body = connection.prepare('SELECT body FROM tx_body WHERE tx_id = ?');
    this.#rows = connection.prepare('SELECT branch_id, op, value FROM tx_row WHERE tx_id = ?');
  }

  load(gid: string, depth: LoadDepth): StoredTransaction | undefined {
    const found = this.#head.get(gid);
    if (found === undefined) return undefined;
    const id = found[0] ?? null;
    return {
      head: headOfRow(found, 1),
      body: depth === 'head' ? '' : String(this.#body.get(id)?.[0] ?? ''),
      rows: depth === 'all' ? this.#rows.all(id).map(rowOf) : [],
    };
  }

  scan(filter: ScanFilter, cursor: string | undefined, limit: number): ScanPage {
    const after = cursor === undefined ? undefined : decodePosition(cursor);
    const statements = new ScanStatements(dialect, filter, after, limit);
    const isFew = statements.counts().some((count) => isNarrow(this.#rowsOf(count)[0]?.[0]));
    const end = isFew ? undefined : positionOf(this.#rowsOf(statements.windowEnd())[0]);
    return statements.pageOf(this.#rowsOf(statements.page(isFew, end)), end);
  }

  #rowsOf({ sql, values }: SqlText): readonly SqlRow[] {
    return this.#statement(sql).all(...values);
  }

  // The filters can be joined in a few dozen ways, so the statements are few.
  #statement(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#connection.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

function rowOf(row: readonly SqlValue[]): StoredRow {
  return { branchId: String(row[0]), op: String(row[1]), value: String(row[2]) };
}
