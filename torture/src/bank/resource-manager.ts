/**
 * Two-phase commit inside a bank's own database, as a database with XA has it: what is prepared survives the process, holds the
 * money back, and waits for one decision. Each verb must run inside a transaction.
 *
 * R1. What was committed or rolled back is kept: a repeat changes nothing.
 * R2. A rollback of what was never prepared keeps it from being prepared later.
 */
import { BranchFailure } from '@tandem/client';
import type { Cause, Connection } from './bank.js';
import { Complaint } from './complaint.js';
import { allows, changeBalance, reserve, writeLedger, type Change } from './ledger.js';

interface XaBranch extends Change {
  readonly state: 'prepared' | 'committed' | 'rolledBack';
}

/** See the file head. */
export class ResourceManager {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Throws `BranchFailure` where the account does not allow it, or where it was rolled back before. */
  prepare(wanted: Change, cause: Cause): void {
    const state = this.#find(cause)?.state;
    if (state === 'rolledBack') throw new BranchFailure('it was rolled back before');
    if (state !== undefined) return;
    if (!allows(this.#connection, wanted)) throw new BranchFailure(`${wanted.account} does not allow it`);
    reserve(this.#connection, wanted, 1);
    this.#insert(cause, { ...wanted, state: 'prepared' });
    writeLedger(this.#connection, { ...wanted, change: 0 }, cause);
  }

  commit(cause: Cause): void {
    const branch = this.#find(cause);
    if (branch?.state === 'committed') return;
    if (branch?.state !== 'prepared') throw complaint(cause, branch);
    reserve(this.#connection, branch, -1);
    changeBalance(this.#connection, branch);
    this.#end(cause, 'committed');
    writeLedger(this.#connection, branch, cause);
  }

  rollback(cause: Cause): void {
    const branch = this.#find(cause);
    if (branch?.state === 'rolledBack') return;
    if (branch?.state === 'committed') throw complaint(cause, branch);
    if (branch === undefined) {
      this.#insert(cause, { account: '', change: 0, state: 'rolledBack' });
      return;
    }
    reserve(this.#connection, branch, -1);
    this.#end(cause, 'rolledBack');
    writeLedger(this.#connection, { ...branch, change: 0 }, cause);
  }

  #find({ gid, branchId }: Cause): XaBranch | undefined {
    return this.#connection
      .prepare('select account, change, state from xa_branch where gid = ? and branch_id = ?')
      .get(gid, branchId) as XaBranch | undefined;
  }

  #insert({ gid, branchId }: Cause, { account, change, state }: XaBranch): void {
    this.#connection
      .prepare('insert into xa_branch (gid, branch_id, account, change, state) values (?, ?, ?, ?, ?)')
      .run(gid, branchId, account, change, state);
  }

  #end({ gid, branchId }: Cause, state: XaBranch['state']): void {
    this.#connection
      .prepare('update xa_branch set state = ? where gid = ? and branch_id = ?')
      .run(state, gid, branchId);
  }
}

function complaint({ gid, branchId, op }: Cause, branch: XaBranch | undefined): Complaint {
  return new Complaint(`${op} of branch ${branchId} of ${gid}, which is ${branch?.state ?? 'not prepared'}`);
}
