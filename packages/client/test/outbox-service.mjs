/**
 * A service with an outbox that is killed at the place that `DIES_AT` counts to: run by outbox-crash.test.ts in a process of its own, on
 * what was built. Every statement of its database (a file) and both ends of each call of the coordinator are such places.
 */
import { DatabaseSync } from '@photostructure/sqlite';
import { createClient } from '@tandem/client';
import { createOutbox, createOutboxTable } from '@tandem/client/outbox';
import { sqlite } from '@tandem/client/sqlite';

const { DATABASE = '', TANDEM_URL = '', RECEIVER = '', DIES_AT = '', ORDER = '' } = process.env;
let place = 0;
let isCounting = false;

/** As by kill -9. */
function mayDie() {
  if (!isCounting) return;
  place += 1;
  if (String(place) === DIES_AT) process.kill(process.pid, 'SIGKILL');
}

const connection = new DatabaseSync(DATABASE);
connection.exec('pragma journal_mode = wal; pragma busy_timeout = 5000; create table if not exists orders (id text)');
/** @type {import('@tandem/client/sqlite').SqliteConnection} */
const observed = {
  get isTransaction() {
    return connection.isTransaction;
  },
  exec: (sql) => {
    mayDie();
    connection.exec(sql);
  },
  prepare: (sql) => {
    mayDie();
    return connection.prepare(sql);
  },
};

const tandem = createClient({
  url: TANDEM_URL,
  timeout: '800ms',
  repeats: 0,
  fetch: async (input, init) => {
    mayDie();
    const response = await fetch(input, init);
    mayDie();
    return response;
  },
});
const db = sqlite(observed);
await createOutboxTable(db);
const outbox = createOutbox(tandem, db);

if (ORDER !== '') {
  isCounting = true;
  observed.exec('begin');
  observed.prepare('insert into orders values (?)').run(ORDER);
  outbox.send(observed, tandem.message({ gid: ORDER }).add(RECEIVER, { amount: 1 }));
  observed.exec('commit');
}
const relay = outbox.relay({ pollInterval: '20ms', lease: '1s', onError: () => undefined });
while ((await outbox.counts()).waiting > 0) await new Promise((resolve) => setTimeout(resolve, 5));
await relay.close();
console.info(place);
