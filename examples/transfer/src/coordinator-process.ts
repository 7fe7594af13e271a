import { createServer } from 'node:net';
import type { NodeProcess, StartProcess } from './child-process.js';

/** `tandem start` in a process of its own. */
export interface CoordinatorProcess {
  readonly url: string;
  readonly process: NodeProcess;
}

/** How to start the coordinator. */
export interface CoordinatorOptions {
  /** Path of the `tandem` command's script. */
  readonly command: string;
  readonly port: number;
  readonly dataFolder: string;
}

/** Starts the coordinator; resolves when it serves. */
export async function startCoordinator(
  start: StartProcess,
  { command, port, dataFolder }: CoordinatorOptions,
): Promise<CoordinatorProcess> {
  const env = { HTTP_PORT: String(port), GRPC_PORT: '0', TANDEM_DATA: dataFolder, LOG_LEVEL: 'warn' };
  const child = start({ args: [command, 'start'], env, onLine: () => undefined });
  const url = `http://127.0.0.1:${String(port)}`;
  const isStopped = new AbortController();
  try {
    await child.until('it served', untilServing(url, isStopped.signal));
  } finally {
    isStopped.abort();
  }
  return { url, process: child };
}

async function untilServing(url: string, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    try {
      await fetch(`${url}/api/dtmsvr/version`);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
