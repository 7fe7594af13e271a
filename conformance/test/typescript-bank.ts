import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from '@photostructure/sqlite';
import { BranchFailure, branchHandler, createClient } from '@tandem/client';
import { nodeListener } from '@tandem/client/node';
import { createBarrierTable, sqlite } from '@tandem/client/sqlite';
import type { LanguageBank } from './language-banks.js';

interface Movement {
  readonly account: string;
  readonly amount: number;
}

interface Beginning {
  readonly gid: string;
  readonly branches: readonly (Movement & { readonly bank: string })[];
}

/** A bank with Tandem's own SDK on SQLite. It begins sagas; it has no TCC of its own yet. */
export async function openTypeScriptBank(coordinator: string): Promise<LanguageBank> {
  const connection = new DatabaseSync(':memory:');
  connection.exec('create table account (name text primary key, balance integer, frozen integer default 0)');
  createBarrierTable(connection);
  const db = sqlite(connection);
  const tandem = createClient({ url: coordinator });

  const change = (account: string, balance: number, frozen: number): void => {
    const sql = `update account set balance = balance + :balance, frozen = frozen + :frozen
      where name = :account and balance + :balance >= 0`;
    const { changes } = connection.prepare(sql).run({ balance, frozen, account });
    if (changes === 0) throw new BranchFailure(`no balance in ${account}`);
  };
  const branch = (changeOf: (amount: number) => readonly [balance: number, frozen: number]) =>
    branchHandler<Movement>(({ payload, barrier }) =>
      barrier.transaction(db, () => change(payload.account, ...changeOf(payload.amount))),
    );
  const open = async (request: Request): Promise<Response> => {
    const { account, balance } = (await request.json()) as { account: string; balance: number };
    connection.prepare('insert into account (name, balance) values (?, ?)').run(account, balance);
    return Response.json({});
  };
  const balanceOf = async (request: Request): Promise<Response> => {
    const account = new URL(request.url).searchParams.get('account');
    return Response.json(connection.prepare('select balance, frozen from account where name = ?').get(account));
  };
  const beginSaga = async (request: Request): Promise<Response> => {
    const { gid, branches } = (await request.json()) as Beginning;
    const saga = tandem.saga({ gid });
    branches.forEach(({ bank, ...payload }, index) =>
      saga.step(String(index), { action: `${bank}/adjust`, compensate: `${bank}/undo`, payload }),
    );
    await saga.submit();
    return Response.json({ began: true });
  };

  const server = createServer(
    nodeListener({
      '/open': open,
      '/balance': balanceOf,
      '/begin-saga': beginSaga,
      '/adjust': branch((amount) => [amount, 0]),
      '/undo': branch((amount) => [-amount, 0]),
      '/try': branch((amount) => [Math.min(amount, 0), Math.max(-amount, 0)]),
      '/confirm': branch((amount) => [Math.max(amount, 0), Math.min(amount, 0)]),
      '/cancel': branch((amount) => [Math.max(-amount, 0), Math.min(amount, 0)]),
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      connection.close();
    },
  };
}
