/** The statements on accounts and on the ledger that every way of changing a balance is made of. */
import type { Cause, Connection } from './bank.js';

/** What is added to a balance; negative: taken. */
export interface Change {
  readonly account: string;
  readonly change: number;
}

/** Whether the account takes the change now: it is not frozen, and has the money beside what is set aside. */
export function allows(connection: Connection, { account, change }: Change): boolean {
  const found = connection
    .prepare('select 1 from account where name = ? and is_frozen = 0 and (? >= 0 or balance - reserved + ? >= 0)')
    .get(account, change, change) as object | undefined;
  return found !== undefined;
}

export function changeBalance(connection: Connection, { account, change }: Change): void {
  connection.prepare('update account set balance = balance + ? where name = ?').run(change, account);
}

/** Sets aside what the change will take, or with -1 frees it. */
export function reserve(connection: Connection, { account, change }: Change, sign: 1 | -1): void {
  const taken = sign * Math.max(0, -change);
  connection.prepare('update account set reserved = reserved + ? where name = ?').run(taken, account);
}

/** A row of what was done, in the transaction that does it; what moves no money is one of 0. */
export function writeLedger(connection: Connection, { account, change }: Change, cause: Cause): void {
  connection
    .prepare('insert into ledger (gid, branch_id, op, account, change) values (?, ?, ?, ?, ?)')
    .run(cause.gid, cause.branchId, cause.op, account, change);
}

/** The number of that row; undefined where nothing was done. */
export function ledgerRowOf(connection: Connection, { gid, branchId, op }: Cause): number | undefined {
  const found = connection
    .prepare('select id from ledger where gid = ? and branch_id = ? and op = ?')
    .get(gid, branchId, op) as { readonly id: number } | undefined;
  return found?.id;
}
