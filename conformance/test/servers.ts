/** Servers of the suite, each a process of its own with a data folder of its own, on free ports of the loopback. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../scripts/processes/free-port.mjs';

export interface ServerProcess {
  readonly http: string;
  /** host:port */
  readonly grpc: string;
  readonly errors: () => string;
  readonly stop: () => Promise<void>;
}

const tandem = fileURLToPath(new URL('../../packages/server/bin/tandem.js', import.meta.url));
const startLimitMs = 60_000;

/** `tandem start` as it was built. */
export function startTandem(more: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  return start([process.execPath, tandem, 'start'], { TRANS_CRON_INTERVAL: '0.5', LOG_LEVEL: 'warn', ...more });
}

/** DTM's own server; it keeps its data in its working directory. */
export function startDtm(command: string): Promise<ServerProcess> {
  return start([command], { TRANS_CRON_INTERVAL: '1', CONFIG_UPDATE_INTERVAL: '1', LOG_LEVEL: 'error' });
}

async function start(command: readonly string[], env: Readonly<Record<string, string>>): Promise<ServerProcess> {
  const [httpPort, grpcPort, jsonRpcPort] = [await freePort(), await freePort(), await freePort()];
  const folder = mkdtempSync(join(tmpdir(), 'tandem-conformance-'));
  const ports = { HTTP_PORT: String(httpPort), GRPC_PORT: String(grpcPort), JSON_RPC_PORT: String(jsonRpcPort) };
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, TANDEM_DATA: folder, ...ports, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (data: Buffer) => (errors = (errors + data.toString()).slice(-20_000)));
  const http = `http://127.0.0.1:${httpPort}`;
  const stop = async (): Promise<void> => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await answers(`${http}/api/dtmsvr/newGid`, child);
  } catch (error) {
    await stop();
    throw new Error(`${program} did not start: ${errors}`, { cause: error });
  }
  return { http, grpc: `127.0.0.1:${grpcPort}`, errors: () => errors, stop };
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  const endsAt = performance.now() + startLimitMs;
  for (;;) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok === true) return;
    if (child.exitCode !== null || performance.now() > endsAt) throw new Error(`nobody answers at ${url}`);
    await delay(50);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}
