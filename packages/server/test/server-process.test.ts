import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BranchService } from './branch-service.js';
import { saga } from './requests.js';
import { TandemProcess } from './tandem-process.js';

let folder: string;
let branch: BranchService;
let running: TandemProcess[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-process-'));
  branch = await BranchService.open();
  running = [];
});

afterEach(async () => {
  await Promise.all(running.map((process) => process.end()));
  await branch.close();
  rmSync(folder, { recursive: true, force: true });
});

async function server(...more: readonly string[]): Promise<{ process: TandemProcess; url: string }> {
  const started = await TandemProcess.server(folder, ...more);
  running.push(started.process);
  return started;
}

function command(args: readonly string[], environment: Readonly<Record<string, string>> = {}): TandemProcess {
  const process = new TandemProcess(args, environment);
  running.push(process);
  return process;
}

function submit(url: string, body: object): Promise<Response> {
  return fetch(`${url}/api/dtmsvr/submit`, { method: 'POST', body: JSON.stringify(body) });
}

test('certificates that cannot be used end a start that has its store already, with exit code 1', async () => {
  const certificates = fileURLToPath(new URL('certificates/', import.meta.url));
  const pair = ['--grpc-tls-certificate', `${certificates}server.pem`, '--grpc-tls-key', `${certificates}client.key`];
  const process = command(['start', '--http-port', '0', '--grpc-port', '0', '--data', folder, ...pair]);
  expect(await process.exited).toEqual({ code: 1, signal: null });
  expect(process.errors).toContain('tandem: the certificates for the gRPC API cannot be used: ');
});

describe('shutdown', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s lets a request end that is being served, then exits 0',
    async (signal) => {
      const { process, url } = await server();
      let release: (() => void) | undefined;
      branch.on('/held', (_call, response) => (release = () => response.end('{}')));
      const answer = submit(url, saga('held', [{ action: `${branch.url}/held` }]));
      await branch.called('/held');
      process.signal(signal);
      await refused(url);
      // Said at once, while it still waits.
      const again = signal === 'SIGINT' ? 'Ctrl-C again' : 'a second signal';
      const said = new RegExp(`tandem is stopping: it waits up to 10 s .*${again} ends it at once`);
      await expect.poll(() => process.output).toMatch(said);
      release?.();
      expect((await answer).status).toBe(200);
      expect(await process.exited).toEqual({ code: 0, signal: null });
    },
  );

  test('a second signal ends it at once', async () => {
    const { process, url } = await server();
    branch.on('/held', () => undefined);
    void submit(url, saga('held', [{ action: `${branch.url}/held` }])).catch(() => undefined);
    await branch.called('/held');
    process.signal('SIGTERM');
    await refused(url);
    process.signal('SIGTERM');
    expect(await process.exited).toEqual({ code: 143, signal: null });
  });

  test('what does not end within the grace is handed over, and nothing is lost', async () => {
    const first = await server('--shutdown-grace', '0.05');
    branch.on('/held', () => undefined);
    const body = saga('handed', [{ action: `${branch.url}/held` }], { wait_result: false, request_timeout: 60 });
    expect((await submit(first.url, body)).status).toBe(200);
    await branch.called('/held');
    first.process.signal('SIGTERM');
    expect(await first.process.exited).toEqual({ code: 0, signal: null });
    branch.answer('/held', 200);
    const second = await server();
    expect((await submit(second.url, { ...body, wait_result: true })).status).toBe(200);
  });
});

test('a server that was killed goes on where it was when it starts again', async () => {
  const first = await server();
  branch.on('/second', () => undefined);
  const steps = [{ action: `${branch.url}/first` }, { action: `${branch.url}/second` }];
  expect((await submit(first.url, saga('killed', steps, { wait_result: false }))).status).toBe(200);
  await branch.called('/second');
  first.process.signal('SIGKILL');
  await first.process.exited;
  branch.answer('/second', 200);
  const second = await server();
  await branch.called('/second', 2);
  expect((await submit(second.url, saga('killed', steps))).status).toBe(200);
  expect(branch.callsOf('/first')).toHaveLength(1);
});

describe('a start that cannot work is one clear line', () => {
  test('another process has the data folder', async () => {
    await server();
    const process = command([
      'start',
      '--http-port',
      '0',
      '--grpc-port',
      '0',
      '--data',
      folder,
      '--log-level',
      'silent',
    ]);
    expect(await process.exited).toMatchObject({ code: 1 });
    expect(process.errors).toBe(
      `tandem: the data folder ${folder} is in use by another process: stop it, or name another folder with --data\n`,
    );
  });

  test('the port is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const process = command([
      'start',
      '--http-port',
      String(port),
      '--grpc-port',
      '0',
      '--data',
      folder,
      '--log-level',
      'silent',
    ]);
    expect(await process.exited).toMatchObject({ code: 1 });
    expect(process.errors).toBe(
      `tandem: 127.0.0.1:${port} is in use: stop what listens there, or name another port with --http-port\n`,
    );
    taken.close();
  });

  test('the data folder cannot be made', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const process = command([
      'start',
      '--http-port',
      '0',
      '--grpc-port',
      '0',
      '--data',
      join(file, 'data'),
      '--log-level',
      'silent',
    ]);
    expect(await process.exited).toMatchObject({ code: 1 });
    expect(process.errors).toMatch(/^tandem: the store in .* does not open: .*\n$/);
  });

  test('a setting is wrong', async () => {
    const process = command(['start', '--data', folder], { HTTP_PORT: 'x', STORE_DRIVER: 'sqlserver' });
    expect(await process.exited).toMatchObject({ code: 2 });
    expect(process.errors.split('\n')).toEqual([
      'tandem: environment HTTP_PORT must be a whole number from 0 to 65535, not "x"',
      expect.stringMatching(
        /^tandem: environment STORE_DRIVER must be one of sqlite, boltdb, postgres, .*, not "sqlserver"$/,
      ),
      '',
    ]);
  });
});

test('a flag that is wrong is wrong usage', async () => {
  const process = command(['start', '--port', '1']);
  expect(await process.exited).toMatchObject({ code: 2 });
  expect(process.errors).toBe('tandem: unknown flag --port (did you mean --http-port?)\n');
});

test('a setting that does nothing here is said in the log', async () => {
  const process = command(['start', '--http-port', '0', '--grpc-port', '0', '--data', folder], {
    TIME_ZONE_OFFSET: '8',
    STORE_PASSWORD: 'hunter2',
  });
  await process.url();
  // Its output and its log are two pipes.
  await expect.poll(() => process.errors).toContain('environment TIME_ZONE_OFFSET is accepted and does nothing');
  expect(process.errors).not.toContain('hunter2');
});

test('the command tells its version and its usage', async () => {
  const version = command(['--version']);
  expect(await version.exited).toMatchObject({ code: 0 });
  expect(version.output).toBe('0.1.0\n');
  const nonsense = command(['nonsense']);
  expect(await nonsense.exited).toMatchObject({ code: 2 });
  expect(nonsense.errors).toContain('there is no command "nonsense"');
});

/** Resolves when the server takes no more connections: the first sign of its shutdown that can be seen from outside. */
async function refused(url: string): Promise<void> {
  for (;;) {
    try {
      await fetch(`${url}/api/ping`, { headers: { connection: 'close' } });
    } catch {
      return;
    }
  }
}
