import {
  branchHandler,
  type BranchCall,
  type BranchHandlerOptions,
  type RequestHandler,
} from '../branch/branch-handler.js';
import type { Client } from '../client.js';
import { InvalidUse } from '../errors.js';
import { tell } from '../transaction/submission.js';
import type { XaDatabase } from './xa-database.js';

/**
 * Serves an XA branch: does the work in a local transaction, registers the branch and prepares; commits or rolls back when the
 * coordinator calls. `work` must use `tx` alone, and not commit.
 */
export function xaHandler<Tx, Payload = unknown>(
  client: Client,
  db: XaDatabase<Tx>,
  work: (tx: Tx, call: BranchCall<Payload>) => unknown,
  options: BranchHandlerOptions<Payload> = {},
): RequestHandler {
  return branchHandler<Payload>(async (call) => {
    switch (call.op) {
      case 'commit':
        return db.commit(call);
      case 'rollback':
        return db.rollback(call);
      case 'action': {
        const beforePrepare = (): Promise<void> => register(client, call);
        const prepared = await db.prepare(call, { run: (tx) => work(tx, call), beforePrepare });
        return prepared.kind === 'prepared' ? prepared.value : undefined;
      }
      default:
        throw new InvalidUse('NOT_A_BRANCH_CALL', `this is a branch of an XA, and has nothing for "${call.op}"`);
    }
  }, options);
}

/** After the work and before the prepare: what is prepared is known to the coordinator, who can end it. */
async function register({ connection }: Client, { gid, branchId, transType, request }: BranchCall<unknown>) {
  // A workflow knows its own branches.
  if (transType !== 'xa') return;
  const url = new URL(request.url).searchParams.get('phase2_url') ?? ownUrl(request.url);
  await tell(connection, 'registerBranch', { gid, trans_type: 'xa', branch_id: branchId, url });
}

function ownUrl(text: string): string {
  const url = new URL(text);
  for (const name of ['gid', 'branch_id', 'trans_type', 'op', 'dtm', 'phase2_url']) url.searchParams.delete(name);
  return url.href;
}
