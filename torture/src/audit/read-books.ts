/** Reads what is on the disks, when no process has it open any more. */
import { readFileSync } from 'node:fs';
import { DatabaseSync } from '@photostructure/sqlite';
import { openings } from '../bank/bank.js';
import { complaintMark } from '../bank/complaint.js';
import type { ClientRecord } from '../load/client-record.js';
import type { Account, Books, Held, LedgerRow } from './books.js';
import { readWorkflows } from './read-workflows.js';

export interface Files {
  /** The coordinator's database, or what its store keeps where that is no file. */
  readonly store: string | Pick<Books, 'statuses' | 'results' | 'steps'>;
  readonly banks: readonly { readonly name: string; readonly path: string; readonly log: string }[];
}

type BankBooks = Pick<Books, 'ledger' | 'accounts' | 'held'>;
type Database = InstanceType<typeof DatabaseSync>;

/** The books, and what SQLite finds wrong with the files. */
export function readBooks(
  { store, banks }: Files,
  records: readonly ClientRecord[],
): { readonly books: Books; readonly damage: readonly string[] } {
  const damage: string[] = [];
  const kept =
    typeof store === 'string'
      ? withDatabase(store, damage, (database) => ({ statuses: statusesIn(database), ...readWorkflows(database) }))
      : store;
  const ofBanks = banks.flatMap(
    ({ name, path }) => withDatabase(path, damage, (database) => readBank(database, name)) ?? [],
  );
  const books: Books = {
    records,
    statuses: kept?.statuses ?? new Map<string, string>(),
    results: kept?.results ?? new Map<string, string>(),
    steps: kept?.steps ?? [],
    complaints: banks.flatMap(({ log }) => complaintsIn(log)),
    ledger: ofBanks.flatMap(({ ledger }) => ledger),
    accounts: ofBanks.flatMap(({ accounts }) => accounts),
    held: ofBanks.flatMap(({ held }) => held),
  };
  return { books, damage };
}

function statusesIn(database: Database): ReadonlyMap<string, string> {
  const rows = database.prepare('select gid, status from tx').all() as { gid: string; status: string }[];
  return new Map(rows.map(({ gid, status }) => [gid, status]));
}

function readBank(database: Database, bank: string): BankBooks {
  const ledger = database.prepare(
    "select ? as bank, ? || ':' || id as receipt, gid, branch_id as branchId, op, account, change from ledger",
  );
  const held = database.prepare(`
    select ? as bank, gid, branch_id as branchId from hold
    union all select ?, gid, branch_id from xa_branch where state = 'prepared'`);
  const accounts = database.prepare('select ? as bank, name, balance, reserved from account').all(bank);
  return {
    ledger: ledger.all(bank, bank) as LedgerRow[],
    held: held.all(bank, bank) as Held[],
    accounts: (accounts as Omit<Account, 'opening'>[]).map((account) => ({
      ...account,
      opening: openings[account.name] ?? 0,
    })),
  };
}

function complaintsIn(logPath: string): string[] {
  const lines = readFileSync(logPath, 'utf8').split('\n');
  return lines.filter((line) => line.includes(complaintMark));
}

/** Undefined where it cannot be read; `damage` has why. */
function withDatabase<T>(path: string, damage: string[], read: (database: Database) => T): T | undefined {
  const database = new DatabaseSync(path);
  try {
    const found = database.prepare('pragma integrity_check').all() as { integrity_check: string }[];
    const wrong = found.filter(({ integrity_check: text }) => text !== 'ok');
    damage.push(...wrong.map(({ integrity_check: text }) => `${path}: ${text}`));
    return read(database);
  } catch (error) {
    damage.push(`${path}: ${String(error)}`);
    return undefined;
  } finally {
    database.close();
  }
}
