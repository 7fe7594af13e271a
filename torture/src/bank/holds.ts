/**
 * The amounts that tries have set aside: what a TCC branch does with an account. Each verb must run inside a transaction, behind
 * the barrier of the call.
 */
import { BranchFailure } from '@tandem/client';
import type { Cause, Connection } from './bank.js';
import { Complaint } from './complaint.js';
import { allows, changeBalance, reserve, writeLedger, type Change } from './ledger.js';

/** See the file head. */
export class Holds {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The try. Throws `BranchFailure` where the account does not allow the change. */
  place(wanted: Change, cause: Cause): void {
    if (!allows(this.#connection, wanted)) throw new BranchFailure(`${wanted.account} does not allow it`);
    reserve(this.#connection, wanted, 1);
    this.#connection
      .prepare('insert into hold (gid, branch_id, account, change) values (?, ?, ?, ?)')
      .run(cause.gid, cause.branchId, wanted.account, wanted.change);
    writeLedger(this.#connection, { ...wanted, change: 0 }, cause);
  }

  /** The confirm: what was set aside moves. */
  settle(cause: Cause): void {
    const held = this.#take(cause);
    changeBalance(this.#connection, held);
    writeLedger(this.#connection, held, cause);
  }

  /** The cancel: what was set aside is free again. */
  release(cause: Cause): void {
    writeLedger(this.#connection, { ...this.#take(cause), change: 0 }, cause);
  }

  #take({ gid, branchId, op }: Cause): Change {
    const taken = this.#connection
      .prepare('delete from hold where gid = ? and branch_id = ? returning account, change')
      .get(gid, branchId) as Change | undefined;
    if (taken === undefined) throw new Complaint(`${op} of branch ${branchId} of ${gid}, of which nothing is held`);
    reserve(this.#connection, taken, -1);
    return taken;
  }
}
