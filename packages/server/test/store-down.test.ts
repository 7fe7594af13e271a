import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UnreliableStore } from '@tandem/store';
import { openSqliteStore } from '@tandem/store-sql/sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BranchService } from './branch-service.js';
import { saga } from './requests.js';
import { TestServer } from './test-server.js';

let folder: string;
let store: UnreliableStore;
let server: TestServer;
let branch: BranchService;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-store-down-'));
  store = new UnreliableStore(await openSqliteStore({ folder }), { random: () => 0 });
  await store.migrate();
  branch = await BranchService.open();
  server = await TestServer.start({ pendingWritesMax: 4 }, store);
});

afterEach(async () => {
  store.isUnavailable = false;
  await server.close();
  await branch.close();
  rmSync(folder, { recursive: true, force: true });
});

test('while the store is away nothing is acknowledged, readiness and metrics say so, and work goes on when it is back', async () => {
  let release: (() => void) | undefined;
  branch.on('/held', (_call, response) => (release = () => response.end('{}')));
  const acknowledged = saga('before', [{ action: `${branch.url}/held` }], { wait_result: false });
  expect((await server.post('submit', acknowledged)).status).toBe(200);
  await branch.called('/held');

  store.isUnavailable = true;
  release?.();
  const refused = await server.post('submit', saga('during', [{ action: `${branch.url}/a` }]));
  expect(refused).toMatchObject({ status: 503, json: { code: 'STORE_UNAVAILABLE' } });
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(refused.text).not.toContain('FAILURE');
  expect(await server.get('query?gid=before')).toMatchObject({ status: 503 });
  expect(await server.get('/api/ready')).toMatchObject({ status: 503, json: { code: 'STORE_UNAVAILABLE' } });
  expect(await server.get('/api/health')).toMatchObject({ status: 200 });
  expect((await server.get('/api/metrics')).text).toContain('tandem_store_up 0');
  expect(branch.callsOf('/a')).toEqual([]);

  expect(server.logLines.filter((line) => line.includes('STORE_UNAVAILABLE'))).toHaveLength(1);

  store.isUnavailable = false;
  expect(await server.get('/api/ready')).toMatchObject({ status: 200 });
  expect((await server.post('submit', saga('during', [{ action: `${branch.url}/a` }]))).status).toBe(200);
  expect((await server.post('submit', { ...acknowledged, wait_result: true })).status).toBe(200);
  expect(branch.callsOf('/held')).toHaveLength(1);
});

test('what exceeds the queue of the store is refused with 429 before anything is stored', async () => {
  store.isUnavailable = true;
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => server.post('submit', saga(`many-${index}`, [{ action: '' }]))),
  );
  const overloaded = answers.filter(({ status }) => status === 429);
  expect(overloaded.length).toBeGreaterThan(0);
  expect(answers.filter(({ status }) => status !== 429 && status !== 503)).toEqual([]);
  expect(overloaded[0]).toMatchObject({ json: { code: 'OVERLOADED', message: expect.any(String) } });
  expect(overloaded[0]?.headers.get('retry-after')).toBe('1');
});
