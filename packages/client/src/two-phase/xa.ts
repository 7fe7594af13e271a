import type { Connection } from '../coordinator/connection.js';
import { checkNames, type OptionNames } from '../option-names.js';
import { payloadText } from '../payload.js';
import { callFirstPhase } from './first-phase.js';
import { branchStarter, type OpenBranches } from './open-branches.js';
import { firstPhaseNames, type FirstPhase, type TwoPhaseOptions } from './two-phase-options.js';

/** One branch of an XA: a participant that prepares its work in its own database (`xaHandler`). */
export interface XaBranch<T> extends FirstPhase<T> {
  /** Called from here to do the work, and by the coordinator to commit it or roll it back. */
  readonly url: string;
}

const xaNames: OptionNames<XaBranch<unknown>> = { url: true, ...firstPhaseNames };

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
  const called = async <T>(owner: string, branchId: string, branch: XaBranch<T>): Promise<T> => {
    checkNames(owner, branch, xaNames);
    const { url } = branch;
    const body = payloadText(`the payload of ${owner}`, branch.payload);
    const parameters = { branch_id: branchId, trans_type: 'xa', op: 'action', phase2_url: url };
    return callFirstPhase(connection, { gid, options, branch, owner, url, body, parameters });
  };
  const begin = branchStarter(branches);
  return { gid, branch: (name, branch) => begin(name, (...place) => called(...place, branch)) };
}
