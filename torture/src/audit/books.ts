import type { ClientRecord } from '../load/client-record.js';

/** One change of a balance, as a bank's ledger has it. */
export interface LedgerRow {
  /** What the bank answers as its receipt: `BANK:NUMBER`. */
  readonly receipt: string;
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
  /** Set aside for what is not decided. */
  readonly reserved: number;
  readonly opening: number;
}

/** A hold or a prepared branch that is still in a bank's database. */
export interface Held {
  readonly bank: string;
  readonly gid: string;
  readonly branchId: string;
}

/** A step of a workflow as the coordinator's store has it. */
export interface RecordedStep {
  readonly gid: string;
  readonly branchId: string;
  readonly op: string;
  readonly status: string;
  /** A receipt where it was done. */
  readonly data: string;
}

/** Everything that is on the disks when all is over, and what clients remember. */
export interface Books {
  readonly records: readonly ClientRecord[];
  /** What the coordinator's store says, by gid. */
  readonly statuses: ReadonlyMap<string, string>;
  /** How finished workflows ended, by gid; in base64, as they were submitted. */
  readonly results: ReadonlyMap<string, string>;
  readonly steps: readonly RecordedStep[];
  readonly held: readonly Held[];
  /** Lines of the banks' logs about calls that no coordinator may make. */
  readonly complaints: readonly string[];
  readonly ledger: readonly LedgerRow[];
  readonly accounts: readonly Account[];
}

/** A promise that the books must keep; answers, in sentences, where they do not. */
export interface Check {
  readonly name: string;
  broken(books: Books): readonly string[];
}
