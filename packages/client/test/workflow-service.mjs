/**
 * A service that is killed in the middle of its workflow: run by workflow-crash.test.ts in a process of its own, on what was built. Its
 * database is a file; at the step that `DIES_AT` names it is killed as by kill -9, before or after the effect.
 */
import { createServer } from 'node:http';
import { DatabaseSync } from '@photostructure/sqlite';
import { BranchFailure, createClient } from '@tandem/client';
import { nodeListener } from '@tandem/client/node';
import { createBarrierTable, sqlite } from '@tandem/client/sqlite';
import { createWorkflows } from '@tandem/client/workflow';

const { DATABASE = '', TANDEM_URL = '', PORT = '0', DIES_AT = '', START = '', REFUSES = '' } = process.env;
const connection = new DatabaseSync(DATABASE);
connection.exec(
  'pragma journal_mode = wal; create table if not exists account (name text primary key, balance integer)',
);
createBarrierTable(connection);
connection.exec("insert or ignore into account values ('a', 0), ('b', 0), ('c', 0)");
const db = sqlite(connection);

/** @param {string} place */
function mayDie(place) {
  if (place === DIES_AT) process.kill(process.pid, 'SIGKILL');
}

/** @param {string} account @param {number} change @param {import('@tandem/client/workflow').StepCall} call */
async function move(account, change, { barrier, op }) {
  mayDie(`before ${op} ${account}`);
  await barrier.transaction(db, () => {
    connection.prepare('update account set balance = balance + ? where name = ?').run(change, account);
  });
  mayDie(`after ${op} ${account}`);
}

const tandem = createClient({ url: TANDEM_URL });
const workflows = createWorkflows(tandem, { url: `http://127.0.0.1:${PORT}/workflow`, onError: () => undefined });
const transfer = workflows
  .saga('transfer', { retry: { interval: '1s', maxInterval: '1s' } })
  .step('a', {
    action: (call) => move('a', -30, call),
    compensate: (_, call) => move('a', 30, call),
  })
  .step('b', {
    action: (call) => move('b', 10, call),
    compensate: (_, call) => move('b', -10, call),
  })
  .pivot('c', {
    action: async (call) => {
      if (REFUSES !== '') throw new BranchFailure('c refuses');
      await move('c', 20, call);
    },
  })
  .step('end', { action: () => mayDie('the end') });

createServer(nodeListener({ '/workflow': workflows.handler })).listen(Number(PORT), '127.0.0.1', () => {
  if (START === '') return;
  transfer.run(undefined, { gid: START }).catch(() => undefined);
});
