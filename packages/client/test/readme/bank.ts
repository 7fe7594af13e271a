// #region branches
import { createServer } from 'node:http';
import { DatabaseSync } from '@photostructure/sqlite';
import { BranchFailure, branchHandler } from '@tandem/client';
import { nodeListener } from '@tandem/client/node';
import { createBarrierTable, sqlite } from '@tandem/client/sqlite';

interface Movement {
  account: string;
  amount: number;
}

const connection = new DatabaseSync(process.env['DATABASE'] ?? 'bank.db');
connection.exec('create table if not exists account (name text primary key, balance integer not null)');
createBarrierTable(connection);
const db = sqlite(connection);

function add({ account, amount }: Movement, sign: 1 | -1) {
  const update = connection.prepare(
    'update account set balance = balance + :change where name = :account and balance + :change >= 0',
  );
  const { changes } = update.run({ change: sign * amount, account });
  if (changes === 0) throw new BranchFailure(`${account} has not enough money`);
}

const adding = (sign: 1 | -1) =>
  branchHandler<Movement>(({ payload, barrier }) => barrier.transaction(db, () => add(payload, sign)));

export const server = createServer(
  nodeListener({
    '/debit': adding(-1),
    '/undo-debit': adding(1),
    '/credit': adding(1),
    '/undo-credit': adding(-1),
  }),
);
server.listen(Number(process.env['PORT'] ?? 8081));
// #endregion

export { connection };
