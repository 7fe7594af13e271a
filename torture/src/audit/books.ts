import type { ClientRecord } from '../load/client-record.js';

/** One change of a balance, as a bank's ledger has it. */
export interface LedgerRow {
  readonly bank: string;
  readonly gid: string;
  readonly branchId: string;
  readonly op: string;
  readonly account: string;
  readonly change: number;
}

export interface Account {
  readonly bank: string;
  readonly name: string;
  readonly balance: number;
  readonly opening: number;
}

/** Everything that is on the disks when all is over, and what clients remember. */
export interface Books {
  readonly records: readonly ClientRecord[];
  /** What the coordinator's store says, by gid. */
  readonly statuses: ReadonlyMap<string, string>;
  readonly ledger: readonly LedgerRow[];
  readonly accounts: readonly Account[];
}

/** A promise that the books must keep; answers, in sentences, where they do not. */
export interface Check {
  readonly name: string;
  broken(books: Books): readonly string[];
}
