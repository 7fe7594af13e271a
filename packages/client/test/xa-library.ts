import { BranchFailure, type XaDatabase } from '@tandem/client';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { openLibraryDatabase, type LibraryDatabase, type TestedEngine } from './library-database.js';
import type { XaEngine } from './xa-cases.js';

/** A library, as the XA cases use it. */
export interface XaLibrary<Tx> {
  readonly db: XaDatabase<Tx>;
  createTable(): Promise<void>;
  /** The first column of every row, inside a branch. */
  numbers(tx: Tx, sql: string): Promise<readonly number[]>;
  /** It has waiters without an answer after a connection was cut. */
  readonly isLostWithItsConnection?: boolean;
  close(): Promise<unknown>;
}

/** MariaDB tells those of the whole server, on which other suites prepare as well: their gids begin otherwise. */
const preparedBranches: Readonly<Record<TestedEngine, (database: LibraryDatabase, own: string) => Promise<number>>> = {
  PostgreSQL: async (database) =>
    (await database.texts('select gid from pg_prepared_xacts where database = current_database()')).length,
  MariaDB: async ({ url }, own) => {
    const connection = await createConnection(url);
    const [rows] = await connection.query<RowDataPacket[]>('xa recover');
    await connection.end();
    return rows.filter(({ data }) => String(data).includes(own)).length;
  },
};

const endOfConnection: Readonly<Record<TestedEngine, string>> = {
  PostgreSQL: 'select pg_terminate_backend(pg_backend_pid())',
  MariaDB: 'kill connection_id()',
};

/** A database of its own with two accounts, and a library that works on it. */
export async function openXaEngine<Tx>(
  engine: TestedEngine,
  name: string,
  open: (url: string) => XaLibrary<Tx>,
): Promise<XaEngine> {
  const database = await openLibraryDatabase(engine, name);
  const library = open(database.url);
  await library.createTable();
  await database.texts('create table account (name varchar(9) primary key, balance int not null)');
  await database.texts("insert into account values ('a', 1000), ('b', 1000)");
  return {
    db: library.db,
    add: async (branch, amount, account = 'a') => {
      const tx = branch as Tx;
      const [before = 0] = await library.numbers(
        tx,
        `select balance from account where name = '${account}' for update`,
      );
      if (before + amount < 0) throw new BranchFailure('not enough');
      await library.numbers(tx, `update account set balance = balance + ${String(amount)} where name = '${account}'`);
      return before + amount;
    },
    fail: (tx) => library.numbers(tx as Tx, 'select nothing from nowhere'),
    givesUpAfterError: engine === 'PostgreSQL',
    cut: (tx) => library.numbers(tx as Tx, endOfConnection[engine]),
    isLostWithItsConnection: library.isLostWithItsConnection === true,
    balance: async () => Number((await database.texts('select sum(balance) from account'))[0]),
    prepared: (own) => preparedBranches[engine](database, own),
    close: async () => {
      await library.close();
      await database.close();
    },
  };
}
