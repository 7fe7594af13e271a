/**
 * What a bank can do with its accounts, each change inside the barrier of the call that asked for it.
 *
 * K1. Every change of a balance writes a row into the ledger, in the same transaction: what the books are checked by.
 * K2. The ledger itself refuses nothing: a change that happens twice must show.
 */
import { DatabaseSync } from '@photostructure/sqlite';
import { BranchFailure, branchHandler, type Barrier, type Client, type RequestHandler } from '@tandem/client';
import { createBarrierTable, sqlite } from '@tandem/client/sqlite';
import type { CoordinatorWires } from '../wires/coordinator-wires.js';
import { Holds } from './holds.js';
import { allows, changeBalance, ledgerRowOf, writeLedger } from './ledger.js';
import { ResourceManager } from './resource-manager.js';

export type Connection = InstanceType<typeof DatabaseSync>;

/** The payload of a saga's or a message's branch. */
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
  readonly name: string;
  readonly databasePath: string;
  readonly client: Client;
  readonly wires: CoordinatorWires;
  readonly hasBarrier: boolean;
}

/** See the file head. */
export class Bank {
  readonly name: string;
  readonly client: Client;
  /** The coordinator, for what the SDK does not have. */
  readonly wires: CoordinatorWires;
  readonly holds: Holds;
  readonly resourceManager: ResourceManager;
  readonly #connection: Connection;
  readonly #database: ReturnType<typeof sqlite<Connection>>;
  readonly #hasBarrier: boolean;

  constructor({ name, databasePath, client, wires, hasBarrier }: BankSettings) {
    this.name = name;
    this.client = client;
    this.wires = wires;
    this.#hasBarrier = hasBarrier;
    this.#connection = openBooks(databasePath);
    this.#database = sqlite(this.#connection);
    this.holds = new Holds(this.#connection);
    this.resourceManager = new ResourceManager(this.#connection);
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
    else this.transaction(work);
  }

  /** Changes a balance; must run inside a transaction. Throws `BranchFailure` where the account does not allow it. */
  change({ account, amount }: Movement, cause: Cause, isUndo: boolean): void {
    const wanted = { account, change: amount };
    if (!isUndo && !allows(this.#connection, wanted)) throw new BranchFailure(`${account} does not allow it`);
    changeBalance(this.#connection, wanted);
    writeLedger(this.#connection, wanted, cause);
  }

  /** Which row of this bank's ledger tells what was done; undefined where nothing was. */
  receiptOf(cause: Cause): string | undefined {
    const row = ledgerRowOf(this.#connection, cause);
    return row === undefined ? undefined : `${this.name}:${String(row)}`;
  }

  /** Does the work in one transaction, without a barrier. */
  transaction(work: () => void): void {
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
    create table if not exists account (
      name text primary key, balance integer not null, reserved integer not null, is_frozen integer not null
    );
    create table if not exists ledger (
      id integer primary key, gid text, branch_id text, op text, account text, change integer
    );
    create index if not exists ledger_gid on ledger (gid);
    create table if not exists hold (
      gid text, branch_id text, account text, change integer, primary key (gid, branch_id)
    );
    create table if not exists xa_branch (
      gid text, branch_id text, account text, change integer, state text, primary key (gid, branch_id)
    );
  `);
  const insert = connection.prepare('insert into account values (?, ?, 0, ?) on conflict do nothing');
  for (const [name, balance] of Object.entries(openings)) insert.run(name, balance, name === 'frozen' ? 1 : 0);
  connection.exec('commit');
  return connection;
}
