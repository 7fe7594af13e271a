import { callTimeoutMs, type Connection } from '../coordinator/connection.js';
import { callParticipant } from '../participant/call-participant.js';
import { payloadText } from '../payload.js';
import { BranchIds } from './branch-ids.js';
import type { OpenBranches } from './open-branches.js';
import type { FirstPhase, TwoPhaseOptions } from './two-phase-options.js';

/** One branch of an XA: a participant that prepares its work in its own database (`xaHandler`). */
export interface XaBranch<T> extends FirstPhase<T> {
  /** Called from here to do the work, and by the coordinator to commit it or roll it back. */
  readonly url: string;
}

/** What the code of an XA works with. */
export interface Xa {
  /** The transaction's name. */
  readonly gid: string;
  /**
   * Calls a participant, which does its work, registers itself and prepares; resolves with what it answered. Throws as
   * `tcc.branch` does, and the XA is rolled back, whoever catches it.
   */
  branch<T = unknown>(name: string, branch: XaBranch<T>): Promise<T>;
}

export function xaScope(
  connection: Connection,
  { gid, options, branches }: { gid: string; options: TwoPhaseOptions; branches: OpenBranches },
): Xa {
  const ids = new BranchIds();
  const { requestTimeout, branchHeaders } = options;
  const timeoutMs = callTimeoutMs(connection, requestTimeout);
  const called = async <T>(name: string, branchId: string, branch: XaBranch<T>): Promise<T> => {
    const owner = `branch "${name}"`;
    const dtm = connection.coordinator.apiUrl;
    return callParticipant(connection, {
      owner,
      gid,
      url: branch.url,
      parameters: { dtm, gid, branch_id: branchId, trans_type: 'xa', op: 'action', phase2_url: branch.url },
      method: 'POST',
      body: payloadText(`the payload of ${owner}`, branch.payload),
      headers: { ...branchHeaders, ...branch.headers },
      timeoutMs,
      result: branch.result,
    });
  };
  return {
    gid,
    branch: (name, branch) => {
      const branchId = ids.next();
      return branches.begin(`branch "${name}"`, () => called(name, branchId, branch));
    },
  };
}
