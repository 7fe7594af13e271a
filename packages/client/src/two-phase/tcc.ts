import type { BranchContext } from '../branch/branch-context.js';
import type { Connection } from '../coordinator/connection.js';
import { checkNames, checkUrl, checkUrlOrNull, type OptionNames } from '../option-names.js';
import { branchPayload } from '../payload.js';
import { tell } from '../transaction/submission.js';
import { callFirstPhase } from './first-phase.js';
import { branchStarter, type OpenBranches } from './open-branches.js';
import { firstPhaseNames, type FirstPhase, type TwoPhaseOptions } from './two-phase-options.js';

/** One branch of a TCC: three URLs of a participant, which get the same payload. */
export interface TccBranch<T> extends FirstPhase<T> {
  /** Called from here, at once: reserves. May refuse. */
  readonly try: string;
  /** Called by the coordinator when all tries succeeded; must succeed in the end. `null`: nothing is left to do. */
  readonly confirm: string | null;
  /** Called by the coordinator when the TCC is given up, even where the try never arrived. `null`: nothing to give back. */
  readonly cancel: string | null;
}

const tccNames: OptionNames<TccBranch<unknown>> = {
  try: true,
  confirm: true,
  cancel: true,
  ...firstPhaseNames,
};

/** What the code of a TCC works with. */
export interface Tcc {
  /** The transaction's name. */
  readonly gid: string;
  /**
   * Registers a branch and calls its try; resolves with what that answered. Throws `BranchFailure` where it refused, and
   * `BranchUnclear` where it did not answer: the TCC is given up in either case, whoever catches it.
   */
  branch<T = unknown>(name: string, branch: TccBranch<T>): Promise<T>;
}

export interface TccScopeOptions {
  readonly gid: string;
  readonly options: Pick<TwoPhaseOptions, 'branchHeaders' | 'requestTimeout'>;
  readonly branches: OpenBranches;
  /** The branch whose try these are nested in. */
  readonly parent?: BranchContext;
}

export function tccScope(connection: Connection, { gid, options, branches, parent }: TccScopeOptions): Tcc {
  const tried = async <T>(owner: string, branchId: string, branch: TccBranch<T>): Promise<T> => {
    checkNames(owner, branch, tccNames);
    checkUrl(`try of ${owner}`, branch.try);
    checkUrlOrNull(`confirm of ${owner}`, branch.confirm);
    checkUrlOrNull(`cancel of ${owner}`, branch.cancel);
    const data = branchPayload(connection, `the payload of ${owner}`, branch.payload);
    const { confirm, cancel } = branch;
    const registration = { branch_id: branchId, data, confirm: confirm ?? '', cancel: cancel ?? '' };
    await tell(connection, 'registerBranch', { gid, trans_type: 'tcc', ...registration });
    const parameters = { branch_id: branchId, trans_type: 'tcc', op: 'try' };
    return callFirstPhase(connection, { gid, options, branch, owner, url: branch.try, body: data, parameters });
  };
  const begin = branchStarter(branches, parent?.branchId);
  return { gid, branch: (name, branch) => begin(name, (...place) => tried(...place, branch)) };
}
