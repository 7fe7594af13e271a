import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BranchService } from './branch-service.js';
import { prepared, step, verdict, workflow } from './requests.js';
import { TestServer } from './test-server.js';
import { ended, viewOf, type Members } from './transaction-watch.js';

const success = { dtm_result: 'SUCCESS' };
let server: TestServer;
let service: BranchService;

beforeAll(async () => {
  service = await BranchService.open();
  server = await TestServer.start({ retryIntervalMs: 60_000 });
});

afterAll(async () => {
  await server.close();
  await service.close();
});

async function progressOf(gid: string): Promise<{ transaction: Members; progresses: readonly Members[] }> {
  const { status, json } = await server.post('prepareWorkflow', workflow(gid, `${service.url}/run`, 'in'));
  expect(status).toBe(200);
  return { transaction: json['transaction'] as Members, progresses: json['progresses'] as readonly Members[] };
}

describe('executed by its caller', () => {
  test('it is prepared, records what it has done, and ends with its result', async () => {
    expect(await progressOf('w1')).toEqual({
      transaction: expect.objectContaining({ gid: 'w1', trans_type: 'workflow', status: 'prepared' }),
      progresses: [],
    });
    expect((await server.post('registerBranch', step('w1', '01', 'taken: \u{1f4b0}'))).json).toEqual(success);
    expect((await server.post('registerBranch', step('w1', '02', 'no room', { status: 'failed' }))).json).toEqual(
      success,
    );
    expect((await progressOf('w1')).progresses).toEqual([
      {
        branch_id: '01',
        op: 'action',
        status: 'succeed',
        bin_data: Buffer.from('taken: \u{1f4b0}').toString('base64'),
      },
      { branch_id: '02', op: 'action', status: 'failed', bin_data: btoa('no room') },
    ]);
    expect((await server.post('submit', verdict('w1', 'succeed', '', btoa('done')))).json).toEqual(success);
    expect(await progressOf('w1')).toMatchObject({
      transaction: { status: 'succeed', result: btoa('done') },
      progresses: [{ branch_id: '01' }, { branch_id: '02' }],
    });
    const { transaction, branches } = await viewOf(server, 'w1');
    expect(transaction).toMatchObject({
      status: 'succeed',
      result: btoa('done'),
      query_prepared: `${service.url}/run`,
    });
    expect(branches).toMatchObject([
      { branch_id: '01', op: 'action', status: 'succeed' },
      { branch_id: '02', op: 'action', status: 'failed', bin_data: btoa('no room') },
    ]);
    expect(service.callsOf('/run')).toEqual([]);
  });

  test('it ends as failed with its reason, which prepareWorkflow tells whoever runs it again', async () => {
    await progressOf('w2');
    expect((await server.post('submit', verdict('w2', 'failed', 'no stock. FAILURE'))).json).toEqual(success);
    expect((await progressOf('w2')).transaction).toMatchObject({
      status: 'failed',
      rollback_reason: 'no stock. FAILURE',
    });
  });

  test.each([
    ['succeed', 200, { dtm_result: 'SUCCESS' }],
    ['failed', 409, { dtm_result: 'FAILURE', message: 'why not' }],
  ] as const)('submit with wait_result and the verdict %s answers %i', async (status, code, json) => {
    await progressOf(`w3-${status}`);
    const answer = await server.post('submit', { ...verdict(`w3-${status}`, status, 'why not'), wait_result: true });
    expect(answer).toMatchObject({ status: code, json });
  });

  test('a repeat is accepted, the other verdict is refused', async () => {
    await progressOf('w4');
    await server.post('submit', verdict('w4', 'succeed'));
    expect((await server.post('submit', verdict('w4', 'succeed'))).json).toEqual(success);
    expect((await server.post('submit', verdict('w4', 'failed'))).json).toMatchObject({ code: 'WRONG_STATUS' });
  });

  test('a step that comes after the end is 425, not a refusal that an SDK rolls back for', async () => {
    await progressOf('w5');
    await server.post('submit', verdict('w5', 'succeed'));
    const late = await server.post('registerBranch', step('w5', '01', 'late'));
    expect(late).toMatchObject({ status: 425, json: { code: 'ALREADY_FINISHED', dtm_result: 'ERROR' } });
    expect(late.text).not.toContain('FAILURE');
    expect((await progressOf('w5')).progresses).toEqual([]);
  });

  test('a step is recorded once: the same again is a repeat, another result is 425', async () => {
    await progressOf('w6');
    await server.post('registerBranch', step('w6', '01', 'first'));
    expect((await server.post('registerBranch', step('w6', '01', 'first'))).json).toEqual(success);
    const other = await server.post('registerBranch', step('w6', '01', 'second'));
    expect(other).toMatchObject({ status: 425, json: { code: 'STEP_ALREADY_RECORDED' } });
    expect((await progressOf('w6')).progresses).toMatchObject([{ bin_data: btoa('first') }]);
  });

  test('steps of a saga, a TCC and an XA are kept side by side, as the Go SDK records them', async () => {
    await progressOf('w7');
    const recorded = [
      ['01', 'action', 'succeed'],
      ['02', 'action', 'succeed'],
      ['02', 'commit', 'succeed'],
      ['03', 'business', 'succeed'],
      ['03', 'action', 'succeed'],
      ['01', 'rollback', 'succeed'],
    ] as const;
    for (const [branchId, op, status] of recorded) {
      const sent = { ...step('w7', branchId, `${branchId} ${op}`), op, status };
      expect((await server.post('registerBranch', sent)).json).toEqual(success);
    }
    expect((await progressOf('w7')).progresses.map(({ branch_id, op }) => [branch_id, op])).toEqual(
      recorded.map(([branchId, op]) => [branchId, op]),
    );
  });

  test('results and inputs of a megabyte come back as they were', async () => {
    const large = 'x'.repeat(1024 * 1024);
    const first = await server.post('prepareWorkflow', workflow('w8', `${service.url}/run`, large));
    expect(first.status).toBe(200);
    await server.post('registerBranch', step('w8', '01', large));
    await server.post('submit', verdict('w8', 'succeed', '', btoa(large)));
    const { transaction, progresses } = await progressOf('w8');
    expect(transaction['result']).toBe(btoa(large));
    expect(progresses[0]?.['bin_data']).toBe(btoa(large));
  });
});

describe('resumed by calling its service', () => {
  let quick: TestServer;

  beforeAll(async () => {
    quick = await TestServer.start({
      workflowRetryIntervalMs: 60,
      retryIntervalMaxMs: 120,
      workflowResumeTimeoutMs: 400,
    });
  });

  afterAll(async () => {
    await quick.close();
  });

  test('with its name, its input and the headers of its request, and finds what is recorded', async () => {
    const seen: unknown[] = [];
    service.on('/resumed', (call, response) => {
      const gid = call.query['gid'] ?? '';
      void (async () => {
        const { json } = await quick.post('prepareWorkflow', workflow(gid, `${service.url}/resumed`, '{"amount":30}'));
        seen.push(json['progresses']);
        // Called before its step was recorded: it says nothing, and is called again.
        if (isDeepStrictEqual(json['progresses'], [])) response.end('{}');
        else await quick.post('submit', verdict(gid, 'succeed')).then(() => response.end('{}'));
        // A call that is late may find no server any more.
      })().catch(() => response.destroy());
    });
    const body = workflow('r 1/&', `${service.url}/resumed?own=1`, '{"amount":30}', {
      branch_headers: { 'x-user': 'ann' },
    });
    await quick.post('prepareWorkflow', body);
    await quick.post('registerBranch', step('r 1/&', '01', 'done before'));
    expect(await ended(quick, 'r 1/&')).toMatchObject({ status: 'succeed' });
    expect(seen.at(-1)).toMatchObject([{ branch_id: '01', bin_data: btoa('done before') }]);
    expect(service.callsOf('/resumed')[0]).toMatchObject({
      method: 'POST',
      body: '{"amount":30}',
      headers: { 'x-user': 'ann' },
      query: { own: '1', gid: 'r 1/&', trans_type: 'workflow', branch_id: '00', op: 'transfer money' },
    });
  });

  test('by GET where it has no input', async () => {
    service.on('/without-input', (call, response) => {
      void quick.post('submit', verdict(call.query['gid'] ?? '', 'failed', 'why')).then(
        () => response.writeHead(409).end(),
        () => response.destroy(),
      );
    });
    await quick.post('prepareWorkflow', workflow('r2', `${service.url}/without-input`, ''));
    expect(await ended(quick, 'r2')).toMatchObject({ status: 'failed', rollback_reason: 'why' });
    expect(service.callsOf('/without-input')[0]).toMatchObject({ method: 'GET', body: '' });
  });

  test.each<[string, (response: { destroy(): void; writeHead(status: number): { end(): void } }) => void]>([
    ['hangs', () => undefined],
    ['drops the connection', (response) => response.destroy()],
    ['answers without a submit', (response) => response.writeHead(200).end()],
    ['refuses without a submit', (response) => response.writeHead(409).end()],
    ['is broken', (response) => response.writeHead(500).end()],
  ])('a service that %s is called again', async (name, behave) => {
    const path = `/${name.replaceAll(' ', '-')}`;
    service.on(path, (call, response) => {
      if (service.callsOf(path).length === 1) behave(response);
      else
        void quick.post('submit', verdict(call.query['gid'] ?? '', 'succeed')).then(
          () => response.end(),
          () => response.destroy(),
        );
    });
    await quick.post('prepareWorkflow', workflow(`r3 ${name}`, service.url + path, 'x'));
    expect(await ended(quick, `r3 ${name}`)).toMatchObject({ status: 'succeed' });
  });

  test('not as long as it records steps, each of which moves the resume on', async () => {
    const resumeAt = async () => Date.parse(String((await viewOf(quick, 'r4')).transaction['next_cron_time']));
    const startedAt = Date.now();
    await quick.post('prepareWorkflow', workflow('r4', `${service.url}/busy`, 'x', { retry_interval: 60 }));
    const times = [await resumeAt()];
    for (const id of ['01', '02', '03']) {
      // Another millisecond than that of the step before.
      await delay(5);
      await quick.post('registerBranch', step('r4', id, 'done'));
      times.push(await resumeAt());
    }
    expect(times[0]).toBeGreaterThan(startedAt + 50_000);
    expect(times).toEqual([...new Set(times)].sort((one, other) => one - other));
    expect(service.callsOf('/busy')).toEqual([]);
    await quick.post('submit', verdict('r4', 'succeed'));
  });
});

describe('refusals of prepareWorkflow', () => {
  test.each<[string, number, string, unknown]>([
    ['a gid of another type', 409, 'CONFLICTING_REPEAT', workflow('t1', 'http://127.0.0.1:9/run', 'x')],
    ['no service', 400, 'INVALID_REQUEST', workflow('f1', '', 'x')],
    ['no name', 400, 'INVALID_REQUEST', workflow('f2', 'http://127.0.0.1:9/run', 'x', { custom_data: '{}' })],
    ['another type', 400, 'INVALID_REQUEST', { ...workflow('f3', 'http://127.0.0.1:9/run', 'x'), trans_type: 'saga' }],
    [
      'a message',
      400,
      'INVALID_REQUEST',
      { ...workflow('f4', 'http://127.0.0.1:9/run', 'x'), trans_type: 'msg', steps: [{ action: '' }], payloads: [''] },
    ],
    ['no gid', 400, 'INVALID_GID', workflow('', 'http://127.0.0.1:9/run', 'x')],
    ['no JSON', 400, 'INVALID_JSON', '{'],
    ['no object', 400, 'INVALID_REQUEST', []],
  ])('%s has the form that the Go SDK reads', async (_name, status, code, body) => {
    await server.post('prepare', prepared('t1', 'tcc'));
    const answer = await server.post('prepareWorkflow', body);
    expect(answer.status).toBe(status);
    const gid = (body as { gid?: string }).gid ?? '';
    const transaction = { gid, status: 'failed', rollback_reason: answer.json['message'] };
    expect(answer.json).toMatchObject({ code, dtm_result: 'FAILURE', transaction, progresses: [] });
  });

  test.each<[string, object]>([
    ['a verdict that is none', { gid: 'v1', trans_type: 'workflow', req_extra: { status: 'maybe' } }],
    ['no verdict', { gid: 'v1', trans_type: 'workflow' }],
    ['a verdict that is no object', { gid: 'v1', trans_type: 'workflow', req_extra: [] }],
  ])('submit with %s is refused', async (_name, body) => {
    await progressOf('v1');
    expect(await server.post('submit', body)).toMatchObject({ status: 400, json: { code: 'INVALID_REQUEST' } });
    expect((await viewOf(server, 'v1')).transaction).toMatchObject({ status: 'prepared' });
  });

  test.each<[string, object]>([
    ['an op that nobody knows', { op: 'try something' }],
    ["the coordinator's own op", { op: 'resume' }],
    ['no op', { op: null }],
    ['a status that is no end', { status: 'prepared' }],
  ])('a step with %s is refused', async (_name, more) => {
    await progressOf('v2');
    expect((await server.post('registerBranch', step('v2', '01', 'x', more))).status).toBe(400);
    expect((await progressOf('v2')).progresses).toEqual([]);
  });

  test('abort is refused: only its own code ends it', async () => {
    await progressOf('v3');
    expect((await server.post('abort', prepared('v3', 'workflow'))).json).toMatchObject({ code: 'WRONG_STATUS' });
  });
});
