import type { ExampleProcess, StartProcess } from './child-process.js';

/** `tandem start` in a process of its own. */
export interface CoordinatorProcess {
  readonly url: string;
  readonly process: ExampleProcess;
}

export interface CoordinatorOptions {
  /** Path of the `tandem` command's script. */
  readonly command: string;
  readonly port: number;
  /** Where its store is, and other settings; see docs/configuration.md. Without `GRPC_PORT`, any free port serves gRPC. */
  readonly env: Readonly<Record<string, string>>;
}

/** Starts the coordinator; resolves when it serves. */
export async function startCoordinator(
  start: StartProcess,
  { command, port, env }: CoordinatorOptions,
): Promise<CoordinatorProcess> {
  const settings = { HTTP_PORT: String(port), GRPC_PORT: '0', LOG_LEVEL: 'warn', ...env };
  const child = start({ args: [command, 'start'], env: settings, onLine: () => undefined });
  const url = `http://127.0.0.1:${String(port)}`;
  await untilServing(child, `${url}/api/dtmsvr/version`);
  return { url, process: child };
}

/** Resolves when something answers at the url; rejects with what the process said if it ends before that. */
export async function untilServing(child: ExampleProcess, url: string): Promise<void> {
  const isStopped = new AbortController();
  try {
    await child.until('it served', answered(url, isStopped.signal));
  } finally {
    isStopped.abort();
  }
}

async function answered(url: string, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    try {
      const response = await fetch(url, { signal: AbortSignal.any([stop, AbortSignal.timeout(10_000)]) });
      await response.body?.cancel();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
