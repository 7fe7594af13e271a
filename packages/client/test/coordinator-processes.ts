/** Starts real coordinators for tests: Tandem's as built in this repository, and DTM's where its binary is named. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../../scripts/processes/free-port.mjs';

export interface RunningCoordinator {
  readonly url: string;
  /** SIGSTOP: it keeps its port and its connections, and says nothing. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
  close(): Promise<void>;
}

const tandemCommand = fileURLToPath(new URL('../../server/bin/tandem.js', import.meta.url));

/** Tandem's, by both wires. */
export interface RunningTandem extends RunningCoordinator {
  /** Where its gRPC is: `host:port`. */
  readonly grpcAddress: string;
}

/** `settings`: more of them, as environment variables. */
export async function startTandem(settings: Readonly<Record<string, string>> = {}): Promise<RunningTandem> {
  const [port, grpcPort] = [await freePort(), await freePort()];
  const start = [tandemCommand, 'start', '--log-level', 'warn'];
  const running = await startProcess(process.execPath, start, {
    port,
    env: { HTTP_PORT: String(port), GRPC_PORT: String(grpcPort), TANDEM_DATA: 'data', ...settings },
  });
  return { ...running, grpcAddress: `127.0.0.1:${String(grpcPort)}` };
}

/** DTM's server with its embedded store, in a folder of its own. */
export async function startDtm(binary: string): Promise<RunningCoordinator> {
  const port = await freePort();
  const [grpcPort, jsonRpcPort] = [await freePort(), await freePort()];
  const env = { HTTP_PORT: String(port), GRPC_PORT: String(grpcPort), JSON_RPC_PORT: String(jsonRpcPort) };
  return startProcess(binary, [], { port, env: { ...env, LOG_LEVEL: 'error' } });
}

interface ProcessOptions {
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
}

async function startProcess(
  command: string,
  args: readonly string[],
  options: ProcessOptions,
): Promise<RunningCoordinator> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-coordinator-'));
  const env = { PATH: process.env['PATH'], HOME: folder, ...options.env };
  const child = spawn(command, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const url = `http://127.0.0.1:${String(options.port)}`;
  const failed = ended.then((): never => {
    throw new Error(`${command} ended: ${output.slice(-2_000)}`);
  });
  failed.catch(() => undefined);
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    child.kill('SIGCONT');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await Promise.race([untilServing(url), failed]);
  } catch (error) {
    await close();
    throw error;
  }
  return { url, close, pause: () => child.kill('SIGSTOP'), resume: () => child.kill('SIGCONT') };
}

async function untilServing(url: string): Promise<void> {
  for (let attempt = 0; attempt < 1_000; attempt += 1) {
    try {
      await fetch(`${url}/api/dtmsvr/version`);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  throw new Error(`nothing serves at ${url}`);
}
