import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UnreliableStore } from '@tandem/store';
import { openSqliteStore } from '@tandem/store-sql/sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BranchService } from './branch-service.js';
import { saga, workflow } from './requests.js';
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

test('while the store is away a workflow is neither failed nor without steps: what the Go SDK reads is an error', async () => {
  store.isUnavailable = true;
  const answer = await server.post('prepareWorkflow', workflow('w', 'http://127.0.0.1:9/run', 'x'));
  expect(answer).toMatchObject({ status: 503, json: { code: 'STORE_UNAVAILABLE', dtm_result: 'ERROR' } });
  expect(answer.json['transaction']).toEqual(expect.any(String));
  expect(answer.text).not.toContain('FAILURE');
});

test('while the store is away JSON-RPC answers with its code for what was not decided, and the fault is logged', async () => {
  store.isUnavailable = true;
  const params = saga('rpc', [{ action: `${branch.url}/a` }]);
  const answer = await server.post('/api/json-rpc', { jsonrpc: '2.0', id: 1, method: 'submit', params });
  expect(answer).toMatchObject({
    status: 200,
    json: { id: 1, error: { code: -32603, data: { code: 'STORE_UNAVAILABLE', dtm_result: 'ERROR', retry_after: 1 } } },
  });
  expect(server.logLines.filter((line) => line.includes('/api/json-rpc'))).toHaveLength(1);
});
