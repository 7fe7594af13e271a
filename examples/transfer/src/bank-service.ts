/**
 * One bank: a service of its own, with a database of its own, that can take money from its accounts and give them money,
 * and undo both. `node bank-service.js DATABASE NAME=BALANCE...`; an account that is written `NAME=BALANCE!` is frozen.
 *
 * What it did is written to standard output, a JSON object a line, for the demonstration to show.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from '@photostructure/sqlite';
import { BranchFailure, branchHandler, type RequestHandler } from '@tandem/client';
import { nodeListener } from '@tandem/client/node';
import { createBarrierTable, sqlite } from '@tandem/client/sqlite';
import type { BankEvent, Movement } from './bank-event.js';

const [databasePath = '', ...openings] = process.argv.slice(2);

const connection = new DatabaseSync(databasePath);
connection.exec('pragma journal_mode = wal; pragma synchronous = full');
createBarrierTable(connection);
connection.exec('create table account (name text primary key, balance integer not null, is_frozen integer not null)');
for (const opening of openings) {
  const [name = '', balance = ''] = opening.split('=');
  const insert = connection.prepare('insert into account values (?, ?, ?)');
  insert.run(name, parseInt(balance, 10), balance.endsWith('!') ? 1 : 0);
}

const database = sqlite(connection);

/** A branch that changes a balance: the barrier decides whether the change happens, in the same transaction. */
function movement(kind: BankEvent['kind'], change: (movement: Movement) => void): RequestHandler {
  return branchHandler<Movement>(async ({ payload, barrier }) => {
    try {
      const result = await barrier.transaction(database, () => change(payload));
      const isHeld = takeHold();
      tell({ kind, ...payload, outcome: result.done ? 'done' : result.skipped, isHeld });
      if (isHeld) await released;
    } catch (error) {
      if (error instanceof BranchFailure) {
        tell({ kind, ...payload, outcome: 'refused', reason: error.message, isHeld: false });
      }
      throw error;
    }
  });
}

function add(name: string, amount: number): void {
  const change = connection.prepare(
    'update account set balance = balance + ? where name = ? and balance + ? >= 0 and is_frozen = 0',
  );
  if (change.run(amount, name, amount).changes !== 1) throw new BranchFailure(refusalOf(name));
}

function refusalOf(name: string): string {
  const select = connection.prepare('select is_frozen from account where name = ?');
  const account = select.get(name) as { readonly is_frozen: number } | undefined;
  if (account === undefined) return `there is no account of ${name}`;
  return account.is_frozen === 1 ? `the account of ${name} is frozen` : `${name} has not enough money`;
}

const balances: RequestHandler = async () => {
  const accounts = connection.prepare('select name, balance from account order by name').all();
  return Response.json(accounts);
};

// For the demonstration alone: hold the next answer back until it is released.
let isNextHeld = false;
let release: () => void = () => undefined;
let released: Promise<void> = Promise.resolve();

function takeHold(): boolean {
  const isHeld = isNextHeld;
  isNextHeld = false;
  return isHeld;
}

const holdNextAnswer: RequestHandler = async () => {
  isNextHeld = true;
  released = new Promise((resolve) => (release = resolve));
  return Response.json({});
};

const releaseAnswer: RequestHandler = async () => {
  release();
  return Response.json({});
};

function tell(event: BankEvent): void {
  console.log(JSON.stringify(event));
}

const server = createServer(
  nodeListener({
    '/debit': movement('debit', ({ account, amount }) => add(account, -amount)),
    '/undo-debit': movement('undo-debit', ({ account, amount }) => add(account, amount)),
    '/credit': movement('credit', ({ account, amount }) => add(account, amount)),
    '/undo-credit': movement('undo-credit', ({ account, amount }) => add(account, -amount)),
    '/balances': balances,
    '/hold-next-answer': holdNextAnswer,
    '/release-answer': releaseAnswer,
  }),
);
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});
