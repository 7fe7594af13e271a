/** Reads what is on the disks, when no process has it open any more. */
import { DatabaseSync } from '@photostructure/sqlite';
import { openings } from '../bank/bank.js';
import type { ClientRecord } from '../load/client-record.js';
import type { Account, Books, LedgerRow } from './books.js';

export interface Files {
  /** The coordinator's database. */
  readonly store: string;
  readonly banks: readonly { readonly name: string; readonly path: string }[];
}

/** The books, and what SQLite finds wrong with the files. */
export function readBooks(
  { store, banks }: Files,
  records: readonly ClientRecord[],
): { readonly books: Books; readonly damage: readonly string[] } {
  const damage: string[] = [];
  const statuses = new Map<string, string>();
  const ledger: LedgerRow[] = [];
  const accounts: Account[] = [];
  withDatabase(store, damage, (database) => {
    const rows = database.prepare('select gid, status from tx').all() as { gid: string; status: string }[];
    for (const { gid, status } of rows) statuses.set(gid, status);
  });
  for (const bank of banks) {
    withDatabase(bank.path, damage, (database) => {
      const select = 'select ? as bank, gid, branch_id as branchId, op, account, change from ledger';
      for (const row of database.prepare(select).all(bank.name)) ledger.push(row as LedgerRow);
      const selectAccounts = 'select ? as bank, name, balance from account';
      for (const row of database.prepare(selectAccounts).all(bank.name)) {
        const account = row as Omit<Account, 'opening'>;
        accounts.push({ ...account, opening: openings[account.name] ?? 0 });
      }
    });
  }
  return { books: { records, statuses, ledger, accounts }, damage };
}

type Database = InstanceType<typeof DatabaseSync>;

function withDatabase(path: string, damage: string[], read: (database: Database) => void): void {
  const database = new DatabaseSync(path);
  try {
    const found = database.prepare('pragma integrity_check').all() as { integrity_check: string }[];
    const wrong = found.filter(({ integrity_check: text }) => text !== 'ok');
    damage.push(...wrong.map(({ integrity_check: text }) => `${path}: ${text}`));
    read(database);
  } catch (error) {
    damage.push(`${path}: ${String(error)}`);
  } finally {
    database.close();
  }
}
