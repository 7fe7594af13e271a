import { setTimeout as delay } from 'node:timers/promises';
import type { BranchService } from './branch-service.js';
import type { TestServer } from './test-server.js';

export type Members = Readonly<Record<string, unknown>>;

/** A transaction and its branches as a query shows them. */
export async function viewOf(
  server: TestServer,
  gid: string,
): Promise<{ readonly transaction: Members; readonly branches: readonly Members[] }> {
  const { json } = await server.get(`query?gid=${encodeURIComponent(gid)}`);
  return { transaction: json['transaction'] as Members, branches: json['branches'] as readonly Members[] };
}

/** The transaction, once it has ended. */
export async function ended(server: TestServer, gid: string): Promise<Members> {
  for (;;) {
    const { transaction } = await viewOf(server, gid);
    if (transaction['status'] === 'succeed' || transaction['status'] === 'failed') return transaction;
    // The API tells no end of its own accord: look again.
    await delay(10);
  }
}

/** The paths that were called for a transaction, in their order. */
export function pathsOf(branch: BranchService, gid: string): readonly string[] {
  return branch.calls.filter(({ query }) => query['gid'] === gid).map(({ path }) => path);
}
