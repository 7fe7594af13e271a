/** `tandem start --workers N` as it was built, on a real PostgreSQL. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import pg from 'pg';
import { BranchService } from './branch-service.js';
import { GrpcClient } from './grpc-client.js';
import { saga } from './requests.js';
import { TandemProcess } from './tandem-process.js';

const postgresUrl = process.env['TANDEM_TEST_POSTGRES_URL'] ?? '';

let running: TandemProcess[];
let branch: BranchService;

beforeEach(async () => {
  running = [];
  branch = await BranchService.open();
});
afterEach(async () => {
  await Promise.all(running.map((process) => process.end()));
  await branch.close();
});

function command(...args: readonly string[]): TandemProcess {
  const process = new TandemProcess(['start', ...args]);
  running.push(process);
  return process;
}

interface Node {
  readonly pid: number;
  readonly worker: number;
  readonly is_alive: boolean;
  readonly has_left: boolean;
}

async function nodesAt(url: string): Promise<readonly Node[]> {
  // Node's cluster never answers a connection that is being handed to a worker when it is killed: whoever asks needs a limit.
  const options = { headers: { connection: 'close' }, signal: AbortSignal.timeout(10_000) };
  const response = await fetch(`${url}/api/dtmsvr/nodes`, options);
  return ((await response.json()) as { nodes: readonly Node[] }).nodes;
}

describe('with the embedded store', () => {
  test('more than one process is refused, with the reason', async () => {
    const process = command('--workers', '2');
    expect(await process.exited).toMatchObject({ code: 2 });
    expect(process.errors).toContain(
      'Workers must be 1 with the embedded store, not 2: its file belongs to one process',
    );
  });

  test('auto means one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-workers-'));
    const { process, url } = await TandemProcess.server(folder, '--workers', 'auto');
    running.push(process);
    expect(await nodesAt(url)).toHaveLength(1);
    process.signal('SIGTERM');
    expect(await process.exited).toMatchObject({ code: 0 });
    rmSync(folder, { recursive: true });
  });

  test('a number that is none is refused', async () => {
    const process = command('--workers', 'many');
    expect(await process.exited).toMatchObject({ code: 2 });
    expect(process.errors).toContain('must be a whole number from 1 to 256, or auto');
  });
});

describe.skipIf(postgresUrl === '')('on PostgreSQL (needs TANDEM_TEST_POSTGRES_URL)', () => {
  let schema: string;
  beforeEach(() => {
    schema = `tandem workers ${randomBytes(6).toString('hex')}`;
  });
  afterEach(async () => {
    await Promise.all(running.map((process) => process.end()));
    const client = new pg.Client(postgresUrl);
    await client.connect();
    await client.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
    await client.end();
  });

  function store(): readonly string[] {
    return ['--store', postgresUrl, '--store-schema', schema, '--store-max-open-conns', '3'];
  }

  async function workers(count: number, ...more: readonly string[]) {
    const process = command('--workers', String(count), '--http-port', '0', '--grpc-port', '0', ...store(), ...more);
    return { process, url: await process.url() };
  }

  test('all serve one port each of HTTP and gRPC, share the store, and are nodes of their own', async () => {
    const { process, url } = await workers(3);
    expect(process.output).toMatch(/^tandem is ready at http:\S+ \(gRPC at \S+\), 3 workers\n$/);
    const nodes = await nodesAt(url);
    expect(nodes.map(({ worker }) => worker).sort()).toEqual([1, 2, 3]);
    expect(new Set(nodes.map(({ pid }) => pid)).size).toBe(3);
    expect(nodes.every((node) => node.is_alive)).toBe(true);
    const bodies = Array.from({ length: 30 }, (_, index) =>
      saga(`w-${String(index)}`, [{ action: `${branch.url}/ok` }]),
    );
    for (const body of bodies) {
      const sent = { method: 'POST', body: JSON.stringify(body), headers: { connection: 'close' } };
      expect((await fetch(`${url}/api/dtmsvr/submit`, sent)).status).toBe(200);
    }
    const grpc = new GrpcClient(/gRPC at (\S+?)\)/.exec(process.output)?.[1] ?? '');
    expect((await grpc.dtm('NewGid')).code).toBe(0);
    grpc.close();
    let metrics = '';
    const workersUp = async () => {
      metrics = await (await fetch(`${url}/api/metrics`)).text();
      return metrics.match(/^tandem_worker_up\{worker="\d"\} 1$/gm)?.length;
    };
    // One that is too busy to tell in time is left out for once.
    await expect.poll(workersUp).toBe(3);
    const created = [...metrics.matchAll(/^tandem_transactions_created_total\{worker="(\d)",type="saga"\} (\d+)$/gm)];
    expect(created.map(([, worker]) => worker)).toEqual(['1', '2', '3']);
    // Connections go round: nobody is left out, and nothing is counted twice.
    expect(created.map(([, , count]) => Number(count))).toEqual([10, 10, 10]);
    expect(metrics.match(/^tandem_transactions_unfinished 0$/gm)).toHaveLength(1);
    expect(metrics.match(/^# TYPE tandem_transactions_created_total counter$/gm)).toHaveLength(1);
    const lines = process.errors.split('\n').filter((line) => line.includes('"ready"'));
    expect(lines.map((line) => (JSON.parse(line) as { worker: number }).worker).sort()).toEqual([1, 2, 3]);
    process.signal('SIGTERM');
    expect(await process.exited).toEqual({ code: 0, signal: null });
    expect(process.output).toMatch(/tandem is stopping: .*\ntandem has stopped\n$/);
  });

  test('what is under way when they are asked to stop comes to its end', async () => {
    const { process, url } = await workers(2);
    let release: (() => void) | undefined;
    branch.on('/held', (_call, response) => (release = () => response.end('{}')));
    const answer = fetch(`${url}/api/dtmsvr/submit`, {
      method: 'POST',
      body: JSON.stringify(saga('held', [{ action: `${branch.url}/held` }])),
    });
    await branch.called('/held');
    process.signal('SIGINT');
    await expect.poll(() => process.output).toContain('is stopping');
    release?.();
    expect((await answer).status).toBe(200);
    expect(await process.exited).toEqual({ code: 0, signal: null });
  });

  test('one that dies is started again, and the others go on', async () => {
    const { process, url } = await workers(2, '--node-heartbeat', '0.2');
    const [first] = await nodesAt(url);
    if (first === undefined) throw new Error('there is no node');
    globalThis.process.kill(first.pid, 'SIGKILL');
    await expect
      .poll(async () => (await nodesAt(url)).filter((node) => node.is_alive).map(({ pid }) => pid))
      .toSatisfy((pids: number[]) => pids.length === 2 && !pids.includes(first.pid));
    expect(process.errors).toContain('a worker has died and is started again');
    process.signal('SIGTERM');
    expect(await process.exited).toEqual({ code: 0, signal: null });
  });

  test('they end in order when their supervisor is killed', async () => {
    const { process, url } = await workers(2);
    const nodes = await nodesAt(url);
    process.signal('SIGKILL');
    await process.exited;
    await expect.poll(() => nodes.filter(({ pid }) => isRunning(pid))).toEqual([]);
    const other = await workers(2);
    // Their places were given back: they have said that they leave.
    const gone = (await nodesAt(other.url)).filter((node) => !node.is_alive);
    expect(gone.map((node) => node.has_left)).toEqual([true, true]);
  });

  test('a port that is taken is one line, and no worker is left', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const ports = ['--http-port', String(port), '--grpc-port', '0'];
    const process = command('--workers', '3', ...ports, ...store(), '--log-level', 'silent');
    expect(await process.exited).toEqual({ code: 1, signal: null });
    expect(process.errors).toBe(
      `tandem: 127.0.0.1:${String(port)} is in use: stop what listens there, or name another port with --http-port\n`,
    );
    taken.close();
  });

  test('a second signal ends all at once', async () => {
    const { process, url } = await workers(2);
    const nodes = await nodesAt(url);
    branch.on('/held', () => undefined);
    void fetch(`${url}/api/dtmsvr/submit`, {
      method: 'POST',
      body: JSON.stringify(saga('held', [{ action: `${branch.url}/held` }])),
    }).catch(() => undefined);
    await branch.called('/held');
    process.signal('SIGTERM');
    await expect.poll(() => process.output).toContain('is stopping');
    process.signal('SIGTERM');
    expect(await process.exited).toEqual({ code: 143, signal: null });
    await expect.poll(() => nodes.filter(({ pid }) => isRunning(pid))).toEqual([]);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
