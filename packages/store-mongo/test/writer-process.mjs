/** Writes to the store without end and names every write that was acknowledged; killed by its test. */
import { createInterface } from 'node:readline';

const [entry = '', url = '', database = '', name = ''] = process.argv.slice(2);
const { openMongoStore } = await import(entry);
const head = {
  ...{ type: 'saga', status: 'submitted', isPaused: false, dueAt: 1, waitsFor: '', createdAt: 1, updatedAt: 1 },
  ...{ finishedAt: undefined, state: '{}' },
};

// Half of what it writes goes beside the documents.
const store = await openMongoStore({ url, database, spill: { textMax: 400, documentMax: 100_000 } });
console.log('open');
createInterface({ input: process.stdin }).on('close', () => process.exit(1));
for (let round = 0; ; round++) {
  const gids = Array.from({ length: 10 }, (_, index) => `g-${name}-${round}-${index}`);
  const body = 'x'.repeat(round % 2 === 0 ? 300 : 500);
  await store.write(
    gids.map((gid) => ({ kind: 'create', gid, token: 'created', head, body, rows: [], lease: undefined })),
  );
  console.log(`1 ${gids.join(' ')}`);
  for (const version of [1, 2]) {
    const rows = [1, 2].map((branch) => ({ branchId: `${version}-${branch}`, op: 'action', value: body }));
    const token = `committed ${version}`;
    const change = { kind: 'commit', token, expectedVersion: version, head, rows, lease: { kind: 'keep' } };
    await store.write(gids.map((gid) => ({ ...change, gid })));
    console.log(`${version + 1} ${gids.join(' ')}`);
  }
}
