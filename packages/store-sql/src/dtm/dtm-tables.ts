/**
 * The tables of a DTM server (MySQL, MariaDB and PostgreSQL), read and never written: what a team that leaves DTM has in
 * them. Types of the columns differ a little from engine to engine and from version to version; here they are one.
 */

/** A row of `trans_global` with its branches; times in UTC ms, undefined where the column is null. */
export interface DtmTransaction {
  readonly gid: string;
  readonly transType: string;
  readonly status: string;
  readonly queryPrepared: string;
  readonly protocol: string;
  readonly createdAt: number | undefined;
  readonly updatedAt: number | undefined;
  readonly finishedAt: number | undefined;
  readonly rolledBackAt: number | undefined;
  /** JSON of DTM's options. */
  readonly options: string;
  readonly customData: string;
  /** JSON; headers that the caller's request brought along. */
  readonly extData: string;
  readonly result: string;
  readonly rollbackReason: string;
  /** In the order of their ids: the order in which they were saved. */
  readonly branches: readonly DtmBranch[];
}

/** A row of `trans_branch_op`. */
export interface DtmBranch {
  readonly branchId: string;
  readonly op: string;
  readonly url: string;
  readonly payload: Uint8Array;
  readonly status: string;
  readonly createdAt: number | undefined;
  readonly updatedAt: number | undefined;
  readonly finishedAt: number | undefined;
}

/** A row of `kv`. */
export interface DtmKeyValue {
  readonly category: string;
  readonly key: string;
  readonly value: string;
  readonly updatedAt: number | undefined;
}

export interface DtmPage {
  readonly transactions: readonly DtmTransaction[];
  /** Undefined: the end. */
  readonly nextCursor: number | undefined;
}

/** DTM's database, opened to be read only. Every method rejects with `StoreError` on a fault. */
export interface DtmTables {
  /** Those whose row comes after the cursor (0: the first), in the order of their rows. */
  page(cursor: number, limit: number): Promise<DtmPage>;
  /** Those of these gids that are there, in no promised order. */
  load(gids: readonly string[]): Promise<readonly DtmTransaction[]>;
  keyValues(): Promise<readonly DtmKeyValue[]>;
  /** A text that changes when a DTM server works on the database. */
  pulse(): Promise<string>;
  close(): Promise<void>;
}
