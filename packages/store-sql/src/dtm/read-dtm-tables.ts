import type { DtmBranch, DtmKeyValue, DtmPage, DtmTables, DtmTransaction } from './dtm-tables.js';

/** A row as the drivers give it. */
export type Row = Readonly<Record<string, unknown>>;

/** What a driver has to do here. Errors are `StoreError` already. */
export interface DtmQueries {
  /** `?` stands for the parameters; a list fills `in (?)`. */
  rows(sql: string, parameters: readonly (string | number | readonly string[])[]): Promise<readonly Row[]>;
  /** A column of time as UTC ms. */
  readonly timeOf: (value: unknown) => number | undefined;
  /** Whether an error of `rows` says that there is no such table: DTM had no topics before 1.14. */
  isMissingTable(error: unknown): boolean;
  close(): Promise<void>;
}

/** The tables behind any driver. All columns are asked for: older versions of DTM have fewer, which count as empty. */
export function readDtmTables(queries: DtmQueries): DtmTables {
  const withBranches = async (rows: readonly Row[]): Promise<readonly DtmTransaction[]> => {
    if (rows.length === 0) return [];
    const gids = rows.map((row) => text(row['gid']));
    const found = await queries.rows('select * from trans_branch_op where gid in (?) order by id', [gids]);
    const byGid = new Map<string, DtmBranch[]>(gids.map((gid) => [gid, []]));
    // MySQL compares gids without regard to case: what it brings too much is left out here.
    for (const row of found) byGid.get(text(row['gid']))?.push(branchOf(row, queries));
    return rows.map((row) => transactionOf(row, byGid.get(text(row['gid'])) ?? [], queries));
  };
  return {
    async page(cursor, limit): Promise<DtmPage> {
      const sql = `select * from trans_global where id > ? order by id limit ${String(Math.trunc(limit))}`;
      const rows = await queries.rows(sql, [cursor]);
      const last = rows.at(-1);
      const isEnd = rows.length < limit || last === undefined;
      return { transactions: await withBranches(rows), nextCursor: isEnd ? undefined : Number(last['id']) };
    },
    async load(gids) {
      if (gids.length === 0) return [];
      const rows = await queries.rows('select * from trans_global where gid in (?)', [gids]);
      return withBranches(rows);
    },
    async keyValues() {
      const rows = await queries.rows('select * from kv order by id', []).catch((error: unknown) => {
        if (queries.isMissingTable(error)) return [];
        throw error;
      });
      return rows.map((row): DtmKeyValue => {
        const [category, key, value] = [text(row['cat']), text(row['k']), text(row['v'])];
        return { category, key, value, updatedAt: queries.timeOf(row['update_time']) };
      });
    },
    async pulse() {
      const sql =
        'select count(*) as n, max(id) as i, max(update_time) as u, max(next_cron_time) as c from trans_global';
      return JSON.stringify(await queries.rows(sql, []));
    },
    close: () => queries.close(),
  };
}

function transactionOf(row: Row, ofBranches: readonly DtmBranch[], { timeOf }: DtmQueries): DtmTransaction {
  return {
    gid: text(row['gid']),
    transType: text(row['trans_type']),
    status: text(row['status']),
    queryPrepared: text(row['query_prepared']),
    protocol: text(row['protocol']),
    createdAt: timeOf(row['create_time']),
    updatedAt: timeOf(row['update_time']),
    finishedAt: timeOf(row['finish_time']),
    rolledBackAt: timeOf(row['rollback_time']),
    options: text(row['options']),
    customData: text(row['custom_data']),
    extData: text(row['ext_data']),
    result: text(row['result']),
    rollbackReason: text(row['rollback_reason']),
    branches: ofBranches,
  };
}

function branchOf(row: Row, { timeOf }: DtmQueries): DtmBranch {
  return {
    branchId: text(row['branch_id']),
    op: text(row['op']),
    url: text(row['url']),
    payload: payloadOf(row),
    status: text(row['status']),
    createdAt: timeOf(row['create_time']),
    updatedAt: timeOf(row['update_time']),
    finishedAt: timeOf(row['finish_time']),
  };
}

/** Versions of DTM before 1.8 wrote `data`, later ones write `bin_data`. */
function payloadOf(row: Row): Uint8Array {
  const bytes = row['bin_data'];
  if (bytes instanceof Uint8Array && bytes.length > 0) return bytes;
  return Buffer.from(text(row['data']));
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : '';
}
