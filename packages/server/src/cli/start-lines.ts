import type { RunningServer } from '../main/start-server.js';

/** What `tandem start` says on standard output; others wait for these lines. */
export const stoppedLine = 'tandem has stopped';

export function readyLine({ url, grpcAddress }: Pick<RunningServer, 'url' | 'grpcAddress'>): string {
  return `tandem is ready at ${url}${grpcAddress === undefined ? '' : ` (gRPC at ${grpcAddress})`}`;
}

export function stoppingLine(graceMs: number, signal: NodeJS.Signals): string {
  const again = signal === 'SIGINT' ? 'Ctrl-C again' : 'a second signal';
  return (
    `tandem is stopping: it waits up to ${String(graceMs / 1000)} s for requests and branch calls that are under way, and hands ` +
    `the rest over to the next start (${again} ends it at once; nothing is lost)`
  );
}
