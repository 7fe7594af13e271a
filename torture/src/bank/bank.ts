/**
 * What a bank can do with its accounts, each change inside the barrier of the call that asked for it.
 *
 * K1. Every change of a balance writes a row into the ledger, in the same transaction: what the books are checked by.
 * K2. The ledger itself refuses nothing: a change that happens twice must show.
 */
import { DatabaseSync } from '@photostructure/sqlite';
import { BranchFailure, branchHandler, type Barrier, type Client, type RequestHandler } from '@tandem/client';
import { createBarrierTable, sqlite } from '@tandem/client/sqlite';

export type Connection = InstanceType<typeof DatabaseSync>;

/** The payload of every branch. */
export interface Movement {
  readonly account: string;
  readonly amount: number;
}

/** Which call of which transaction makes a change. */
export interface Cause {
  readonly gid: string;
  readonly branchId: string;
  readonly op: string;
}

/** The accounts of every bank with what they open with. `frozen` refuses every change but undoing. */
export const openings: Readonly<Record<string, number>> = {
  ...Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`rich-${String(index)}`, 100_000])),
  poor: 60,
  frozen: 1_000,
};

export interface BankSettings {
  readonly databasePath: string;
  readonly client: Client;
  readonly hasBarrier: boolean;
}

/** See the file head. */
export class Bank {
  readonly client: Client;
  readonly #connection: Connection;
  readonly #database: ReturnType<typeof sqlite<Connection>>;
  readonly #hasBarrier: boolean;

  constructor({ databasePath, client, hasBarrier }: BankSettings) {
    this.client = client;
    this.#hasBarrier = hasBarrier;
    this.#connection = openBooks(databasePath);
    this.#database = sqlite(this.#connection);
  }

  get database(): ReturnType<typeof sqlite<Connection>> {
    return this.#database;
  }

  /** A branch that changes the balance of the account in its payload by `sign` times the amount. */
  movement(sign: 1 | -1, options: { readonly isUndo?: boolean } = {}): RequestHandler {
    return branchHandler<Movement>(({ payload: { account, amount }, barrier, gid, branchId, op }) =>
      this.once(barrier, () =>
        this.change({ account, amount: sign * amount }, { gid, branchId, op }, options.isUndo === true),
      ),
    );
  }

  /** Does the work in one transaction, if the barrier allows it. */
  async once(barrier: Barrier, work: () => void): Promise<void> {
    if (this.#hasBarrier) await barrier.transaction(this.#database, work);
    else this.#withoutBarrier(work);
  }

  /** Changes a balance; must run inside a transaction. Throws `BranchFailure` where the account does not allow it. */
  change({ account, amount }: Movement, { gid, branchId, op }: Cause, isUndo: boolean): void {
    const allowed = isUndo ? '' : 'and is_frozen = 0 and (? >= 0 or balance + ? >= 0)';
    const update = this.#connection.prepare(`update account set balance = balance + ? where name = ? ${allowed}`);
    const limits = isUndo ? [] : [amount, amount];
    if (update.run(amount, account, ...limits).changes !== 1) throw new BranchFailure(`${account} does not allow it`);
    this.#connection
      .prepare('insert into ledger (gid, branch_id, op, account, change) values (?, ?, ?, ?, ?)')
      .run(gid, branchId, op, account, amount);
  }

  #withoutBarrier(work: () => void): void {
    this.#connection.exec('begin immediate');
    try {
      work();
      this.#connection.exec('commit');
    } catch (error) {
      this.#connection.exec('rollback');
      throw error;
    }
  }
}

/** Opens the database, with its accounts when it is new. The process may die anywhere: nothing is half made. */
function openBooks(path: string): Connection {
  const connection = new DatabaseSync(path);
  // Processes die here, not machines: what is written survives them without a sync.
  connection.exec('pragma journal_mode = wal; pragma synchronous = normal; pragma busy_timeout = 2000');
  createBarrierTable(connection);
  connection.exec('begin immediate');
  connection.exec(`
    create table if not exists account (name text primary key, balance integer not null, is_frozen integer not null);
    create table if not exists ledger (
      id integer primary key, gid text, branch_id text, op text, account text, change integer
    );
  `);
  const insert = connection.prepare('insert into account values (?, ?, ?) on conflict do nothing');
  for (const [name, balance] of Object.entries(openings)) insert.run(name, balance, name === 'frozen' ? 1 : 0);
  connection.exec('commit');
  return connection;
}
