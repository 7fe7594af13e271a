/**
 * What a service does with this package, in plain TypeScript that Bun, Deno and Node 24 run as it is. It is copied to where the packed
 * packages are installed, and tells what came of each part as JSON, for the test to look at.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { backCheckHandler, BranchFailure, branchHandler, createClient, type RequestHandler } from '@tandem/client';
import { embedded, fetchCaller, localFetch } from '@tandem/client/embedded';
import { grpcCoordinator } from '@tandem/client/grpc';
import { nodeListener } from '@tandem/client/node';
import { createBarrierTable, pg } from '@tandem/client/pg';
import { createBarrierTable as createSqliteTable, sqlite, type SqliteConnection } from '@tandem/client/sqlite';
import { createWorkflows } from '@tandem/client/workflow';
import { Coordinator } from '@tandem/coordinator';
import { MemoryStore } from '@tandem/store';
import { Pool } from 'pg';

interface Movement {
  readonly account: string;
  readonly amount: number;
}

interface Runtimes {
  readonly Bun?: { serve(options: object): { readonly port: number; stop(force: boolean): Promise<void> } };
  readonly Deno?: {
    serve(
      options: object,
      handler: RequestHandler,
    ): { readonly addr: { readonly port: number }; shutdown(): Promise<void> };
  };
}

/** Serves handlers by their path, by the runtime's own server. */
async function serve(routes: Readonly<Record<string, RequestHandler>>) {
  const { Bun, Deno } = globalThis as Runtimes;
  const local = { hostname: '127.0.0.1', port: 0 };
  const fetch: RequestHandler = async (request) => {
    const handler = routes[new URL(request.url).pathname];
    return handler === undefined ? new Response('nothing here', { status: 404 }) : handler(request);
  };
  if (Bun !== undefined) {
    const server = Bun.serve({ ...local, fetch });
    return { url: `http://127.0.0.1:${server.port}`, close: () => server.stop(true) };
  }
  if (Deno !== undefined) {
    const server = Deno.serve({ ...local, onListen: () => undefined }, fetch);
    return { url: `http://127.0.0.1:${server.addr.port}`, close: () => server.shutdown() };
  }
  const server = createServer(nodeListener(routes));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: async () => void server.close() };
}

/** As people call it: `Bun 1.4.5`. */
function runtimeName(): string {
  const { bun, deno, node } = process.versions;
  if (bun !== undefined) return `Bun ${bun}`;
  return deno === undefined ? `Node ${node}` : `Deno ${deno}`;
}

/** The SQLite that the runtime brings along. */
async function openSqlite(): Promise<SqliteConnection> {
  if ((globalThis as Runtimes).Bun === undefined) {
    const name = 'node:sqlite';
    const { DatabaseSync } = (await import(name)) as { DatabaseSync: new (path: string) => SqliteConnection };
    return new DatabaseSync(':memory:');
  }
  const name = 'bun:sqlite';
  const { Database } = (await import(name)) as { Database: new (path: string) => SqliteConnection };
  return new Database(':memory:');
}

const told: Record<string, unknown> = { runtime: runtimeName() };
const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 5 });
const db = pg(pool);
await createBarrierTable(pool);
await pool.query('create table account (name text primary key, balance integer not null check (balance >= 0))');
await pool.query("insert into account values ('ann', 100), ('bob', 0)");

const adding = (sign: 1 | -1) =>
  branchHandler<Movement>(({ payload, barrier }) =>
    barrier.transaction(db, async (tx) => {
      const change = sign * payload.amount;
      const found = await tx.query('select from account where name = $1 and balance + $2 >= 0', [
        payload.account,
        change,
      ]);
      if (found.rowCount !== 1) throw new BranchFailure(`${payload.account} cannot do that`);
      await tx.query('update account set balance = balance + $2 where name = $1', [payload.account, change]);
    }),
  );
const balances = async () => {
  const { rows } = await pool.query<{ name: string; balance: number }>('select * from account order by name');
  return rows.map(({ name, balance }) => `${name} ${balance}`).join(', ');
};
const codeOf = (error: unknown) => (error as { readonly code?: string }).code;

const tandem = createClient({ url: process.env['TANDEM_URL'] ?? '' });
// Its url is known when it serves, and the workflows, which are served there too, need it before.
const resumed: { handler?: RequestHandler } = {};
const server = await serve({
  '/workflow': (request) => resumed.handler?.(request) ?? Promise.reject(new Error('not yet')),
  '/debit': adding(-1),
  '/undo-debit': adding(1),
  '/credit': adding(1),
  '/undo-credit': adding(-1),
  '/check': backCheckHandler(db),
});
const here = server.url;
const workflows = createWorkflows(tandem, { url: `${here}/workflow`, onError: () => undefined });
resumed.handler = workflows.handler;

const transfer = (gid: string, to: string) =>
  tandem
    .saga({ gid })
    .step('debit', {
      action: `${here}/debit`,
      compensate: `${here}/undo-debit`,
      payload: { account: 'ann', amount: 30 },
    })
    .step('credit', {
      action: `${here}/credit`,
      compensate: `${here}/undo-credit`,
      payload: { account: to, amount: 30 },
    });

told['saga'] = (await transfer('t1', 'bob').submit({ waitResult: true })).status;
told['refused saga'] = await transfer('t2', 'nobody').submit({ waitResult: true }).catch(codeOf);
told['balances'] = await balances();

const message = tandem.message({ gid: 'm1' }).add(`${here}/credit`, { account: 'bob', amount: 5 });
told['message'] = await message.doAndSubmit(
  `${here}/check`,
  (barrier) => barrier.transaction(db, (tx) => tx.query("update account set balance = balance - 5 where name = 'ann'")),
  { waitResult: true },
);
told['balances after the message'] = await balances();

const undone: string[] = [];
const trip = workflows
  .saga<{ readonly guest: string }>('trip')
  .step('room', { action: ({ input }) => `room of ${input.guest}`, compensate: (room) => void undone.push(room) })
  .step('seat', {
    action: ({ input }) => {
      if (input.guest === 'eve') throw new BranchFailure('no seat');
      return new Date(0);
    },
    compensate: null,
  });
told['workflow'] = await trip.run({ guest: 'ann' }, { gid: 'w1' });
told['refused workflow'] = [await trip.run({ guest: 'eve' }, { gid: 'w2' }).catch(codeOf), ...undone];

// Its first run fails after a step; the coordinator calls `/workflow`, and it ends there.
const runs: string[] = [];
const resuming = workflows.define('resuming', { retry: { interval: '1s' } }, async (wf) => {
  await wf.do('begin', () => void runs.push('begun'));
  if (runs.length === 1 && runs.push('once') === 2) throw new Error('the process is gone, so to say');
  await wf.do('end', () => void runs.push('ended'));
});
await resuming.start(undefined, { gid: 'w3' });
while ((await tandem.query('w3'))?.status !== 'succeed') await new Promise((resolve) => setTimeout(resolve, 100));
told['workflow from its record'] = runs.filter((what) => what !== 'once');

const greeted: string[] = [];
const greet = branchHandler<{ name: string }>(({ payload }) => void greeted.push(payload.name));
const coordinator = new Coordinator({
  store: new MemoryStore(),
  caller: fetchCaller({ fetch: localFetch({ 'http://here/greet': greet }) }),
});
await coordinator.start();
const local = createClient({ coordinator: embedded(coordinator) });
await local.message().add('http://here/greet', { name: 'ann' }).submit({ waitResult: true });
told['embedded'] = greeted;
await coordinator.close(0);

const connection = await openSqlite();
createSqliteTable(connection);
connection.exec('create table kept (what text)');
const keeping = branchHandler<{ what: string }>(({ payload, barrier }) =>
  barrier.transaction(sqlite(connection), (tx) => tx.prepare('insert into kept values (?)').run(payload.what)),
);
const call = (op: string) =>
  keeping(
    new Request(`http://me/?gid=g&trans_type=saga&branch_id=01&op=${op}`, { method: 'POST', body: '{"what":"it"}' }),
  );
const statuses = [(await call('action')).status, (await call('action')).status];
told['sqlite'] = [...statuses, connection.prepare('select count(*) as rows from kept').get()];

const byGrpc = grpcCoordinator({ address: process.env['TANDEM_GRPC'] ?? '' });
const grpcMessage = createClient({ coordinator: byGrpc }).message({ gid: 'g1' });
told['grpc'] = (
  await grpcMessage.add(`${here}/credit`, { account: 'bob', amount: 1 }).submit({ waitResult: true })
).status;
byGrpc.close();

const nobody = createClient({ url: 'http://127.0.0.1:9', repeats: 1 });
told['no coordinator'] = await nobody
  .message()
  .add(`${here}/credit`)
  .submit()
  .catch((error: unknown) => [codeOf(error), String(error).includes('does it run')]);

await server.close();
await pool.end();
console.log(JSON.stringify(told));
