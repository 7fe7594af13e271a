/** Writes to the store without end and names every write that was acknowledged; killed by its test. */
import { createInterface } from 'node:readline';

const [entry = '', folder] = process.argv.slice(2);
const { openSqliteStore } = await import(entry);
const head = {
  ...{ type: 'saga', status: 'submitted', isPaused: false, dueAt: 1, waitsFor: '', createdAt: 1, updatedAt: 1 },
  ...{ finishedAt: undefined, state: '{}' },
};
const lease = { owner: 'the killed one', untilMs: 9e12 };

const store = await openSqliteStore({ folder });
console.log('open');
createInterface({ input: process.stdin }).on('close', () => process.exit(1));
for (let round = 0; ; round++) {
  const gids = Array.from({ length: 20 }, (_, index) => `g-${round}-${index}`);
  await store.write(
    gids.map((gid) => ({ kind: 'create', gid, token: 'created', head, body: 'x'.repeat(500), rows: [], lease })),
  );
  console.log(`1 ${gids.join(' ')}`);
  const rows = [{ branchId: '01', op: 'action', value: 'done' }];
  const keep = { kind: 'keep' };
  await store.write(
    gids.map((gid) => ({ kind: 'commit', gid, token: 'committed', expectedVersion: 1, head, rows, lease: keep })),
  );
  console.log(`2 ${gids.join(' ')}`);
}
