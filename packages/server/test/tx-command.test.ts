import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from '../src/cli/run-command.js';
import { BranchService } from './branch-service.js';
import { message, prepared, saga, step, tccBranch, verdict, workflow } from './requests.js';
import { TestServer } from './test-server.js';

let server: TestServer;
let branch: BranchService;

beforeAll(async () => {
  branch = await BranchService.open();
  branch.answer('/broken', 500, 'out of\norder');
  server = await TestServer.start({ retryIntervalMs: 60_000 });
  await server.post('submit', saga('done-1', [{ action: `${branch.url}/a` }]));
  await server.post('submit', saga('open-1', [{ action: `${branch.url}/broken` }]));
});

afterAll(async () => {
  await server.close();
  await branch.close();
});

async function run(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const code = await runCommand(
    args,
    { TANDEM_SERVER: server.url },
    {
      print: (text) => (out += `${text}\n`),
      printError: (text) => (err += `${text}\n`),
    },
  );
  return { code, out, err };
}

test('list shows transactions by filter', async () => {
  const { code, out } = await run('tx', 'list');
  expect(code).toBe(0);
  expect(out).toMatch(/^GID +TYPE +STATUS +CREATED +NEXT\n/);
  expect(out).toMatch(/^done-1 +saga +succeed /m);
  expect((await run('tx', 'list', '--unfinished')).out).not.toContain('done-1');
  expect((await run('tx', 'list', '--status', 'failed')).out).toBe('no transactions\n');
  expect((await run('tx', 'list', '--limit', '1')).out).toMatch(/more: --position /);
});

test('list gives JSON when asked', async () => {
  const { out } = await run('tx', 'list', '--json', '--gid-prefix', 'done-');
  expect(JSON.parse(out)).toMatchObject({ transactions: [{ gid: 'done-1' }] });
});

test('show tells how each branch went, on one line each', async () => {
  const { code, out } = await run('tx', 'show', 'open-1');
  expect(code).toBe(0);
  expect(out).toMatch(/^status +submitted$/m);
  expect(out).toMatch(/^01 +action +prepared +1 +http:\S+\/broken .*out of order$/m);
});

test('show tells the registered branches of a TCC, and what a workflow has recorded and answered', async () => {
  await server.post('prepare', prepared('tcc-1', 'tcc'));
  await server.post('registerBranch', tccBranch('tcc-1', '01', branch.url));
  await run('tx', 'pause', 'tcc-1', 'look');
  const tcc = (await run('tx', 'show', 'tcc-1')).out;
  expect(tcc).toMatch(/^status +prepared \(paused\)$/m);
  expect(tcc).toMatch(/^paused because +look$/m);
  expect(tcc).toMatch(/^01 +cancel +prepared +http:\S+\/cancel-01$/m);
  expect(tcc).toMatch(/^01 +confirm +prepared +http:\S+\/confirm-01$/m);

  await server.post('prepareWorkflow', workflow('wf-1', 'http://127.0.0.1:9/run', 'in'));
  await server.post('registerBranch', step('wf-1', '01', 'done'));
  await server.post('submit', verdict('wf-1', 'succeed', '', btoa('all booked')));
  await server.post('prepareWorkflow', workflow('wf-2', 'http://127.0.0.1:9/run', 'in'));
  await server.post('submit', verdict('wf-2', 'failed', 'no stock', 'AAEC'));
  const done = (await run('tx', 'show', 'wf-1')).out;
  expect(done).toMatch(/^result +all booked$/m);
  expect(done).toMatch(/^service +http:\/\/127\.0\.0\.1:9\/run$/m);
  expect(done).toMatch(/^01 +action +succeed/m);
  const failed = (await run('tx', 'show', 'wf-2')).out;
  expect(failed).toMatch(/^reason +no stock$/m);
  expect(failed).toMatch(/^result +AAEC$/m);
  expect((await run('tx', 'list', '--type', 'workflow')).out).toMatch(/^wf-1 +workflow +succeed/m);
  expect((await run('tx', 'list', '--type', 'tcc')).out).not.toContain('wf-1');
});

test('pause, resume, retry and stop act on a transaction', async () => {
  expect(await run('tx', 'pause', 'open-1', 'being', 'looked', 'at')).toMatchObject({
    code: 0,
    out: 'open-1: paused\n',
  });
  expect((await run('tx', 'show', 'open-1')).out).toMatch(/submitted \(paused\)[\s\S]*being looked at/);
  expect((await run('tx', 'list', '--paused')).out).toContain('open-1');
  expect(await run('tx', 'resume', 'open-1')).toMatchObject({ code: 0 });
  const before = branch.callsOf('/broken').length;
  expect(await run('tx', 'retry', 'open-1')).toMatchObject({ code: 0 });
  await branch.called('/broken', before + 1);
  expect(await run('tx', 'stop', 'open-1', 'hopeless')).toMatchObject({ code: 0 });
  expect((await run('tx', 'show', 'open-1')).out).toMatch(/failed \(forced\)/);
});

test('what the server refuses is one line and exit code 1', async () => {
  expect(await run('tx', 'show', 'nobody')).toEqual({
    code: 1,
    out: '',
    err: 'tandem: there is no transaction nobody\n',
  });
  const { code, err } = await run('tx', 'retry', 'nobody');
  expect(code).toBe(1);
  expect(err).toContain('(NOT_FOUND)');
});

test('a server that is not there is one line and exit code 1', async () => {
  const { code, err } = await run('tx', 'list', '--server', 'http://127.0.0.1:9');
  expect(code).toBe(1);
  expect(err).toMatch(/^tandem: no server at http:\/\/127\.0\.0\.1:9: /);
});

test('retry says so where there is nothing to retry', async () => {
  expect(await run('tx', 'retry', 'done-1')).toEqual({
    code: 1,
    out: '',
    err: 'tandem: done-1: it has ended (succeed), there is nothing to try again\n',
  });
  await server.post('submit', saga('paused-1', [{ action: `${branch.url}/broken` }]));
  await run('tx', 'pause', 'paused-1');
  expect(await run('tx', 'retry', 'paused-1')).toEqual({
    code: 1,
    out: '',
    err: 'tandem: paused-1: it is paused, resume it first (tandem tx resume)\n',
  });
});

test('retry of a message that waits for its first back-check says that it still waits', async () => {
  await server.post('prepare', message('prepared-1', [`${branch.url}/a`]));
  const { code, out } = await run('tx', 'retry', 'prepared-1');
  expect(code).toBe(0);
  expect(out).toMatch(/^prepared-1: is called at \d{4}-\S+Z, as before: .*not brought forward\n$/);
});

test.each([
  [['tx'], 'tx needs an act: list, show, retry, pause, resume or stop'],
  [['tx', 'foo'], 'there is no act "tx foo": list, show, retry, pause, resume or stop'],
  [['tx', 'foo', 'gid'], 'there is no act "tx foo": list, show, retry, pause, resume or stop'],
  [['tx', 'show'], 'tx show needs a GID'],
  [['tx', 'show', 'a', 'b'], 'unexpected argument "b" of tx show'],
  [['tx', 'retry', 'a', 'b'], 'unexpected argument "b" of tx retry'],
  [['tx', 'list', 'a'], 'unexpected argument "a" of tx list'],
  [['tx', 'show', 'a', '--status', 'failed'], 'tx show takes no --status: it is a filter of tx list'],
  [
    ['tx', 'list', '--status', 'bogus'],
    '--status must be prepared, submitted, aborting, succeed or failed, not "bogus"',
  ],
  [['tx', 'list', '--type', 'bogus'], '--type must be saga, msg, tcc, xa or workflow, not "bogus"'],
  [['tx', 'list', '--limit', 'x'], '--limit must be a whole number from 1, not "x"'],
  [['tx', 'list', '--nonsense'], "Unknown option '--nonsense'"],
  [['tx', 'list', '--server', 'nonsense'], '--server must be a URL such as http://127.0.0.1:36789, not "nonsense"'],
  [['tx', 'list', '--server', 'host:80'], '--server must be a URL such as http://127.0.0.1:36789, not "host:80"'],
  [['nonsense'], 'there is no command "nonsense"'],
])('%j is wrong usage: one line and exit code 2', async (args, message) => {
  const { code, out, err } = await run(...args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(/^tandem: .*\nTry: tandem help\n$/);
  expect(err).toContain(message);
});

test('help names the flags', async () => {
  const { code, out } = await run('help');
  expect(code).toBe(0);
  for (const flag of ['--http-port', '--data', '--config', '--saga-retry-interval']) expect(out).toContain(flag);
});
