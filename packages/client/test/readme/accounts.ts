import { DatabaseSync } from '@photostructure/sqlite';
import { BranchFailure, BranchOngoing } from '@tandem/client';
import { createBarrierTable, sqlite } from '@tandem/client/sqlite';

export interface Movement {
  readonly account: string;
  readonly amount: number;
}

const connection = new DatabaseSync(':memory:');
createBarrierTable(connection);
connection.exec("create table account (name text, balance integer); insert into account values ('ann', 100)");

export const db = sqlite(connection);

export function balanceOf(account: string): number {
  const row = connection.prepare('select balance from account where name = ?').get(account) as { balance: number };
  return row.balance;
}

export function add({ account, amount }: Movement, sign: 1 | -1): void {
  if (account === 'later') throw new BranchOngoing('not yet');
  if (account === 'broken') throw new Error('password is hunter2');
  const update = 'update account set balance = balance + :change where name = :account and balance + :change >= 0';
  const { changes } = connection.prepare(update).run({ change: sign * amount, account });
  if (changes === 0) throw new BranchFailure(account === 'ONGOING' ? 'ONGOING' : `${account} has not enough money`);
}
