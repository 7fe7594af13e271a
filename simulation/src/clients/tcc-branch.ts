/** How a TCC's caller begins a branch: it registers it, and then calls its try. */
import type { BranchDraw, TransactionDraw } from '../draw/draw.js';
import { hostUrl } from '../types/draw-parts.js';
import type { World } from '../world.js';
import { callBranch } from './call-branch.js';
import { registerBranch } from './register-branch.js';
import type { BeginBranch } from './two-phase-caller.js';

const registerTriesMax = 3;
const tryTimeoutMs = 1_500;
const tryTriesMax = 3;

/** Whoever hears nothing of the registration does not try the branch. */
export function beginTccBranch(tx: TransactionDraw, world: World): BeginBranch {
  return (branch, index, heard) => {
    const body = {
      gid: tx.gid,
      trans_type: 'tcc',
      branch_id: branch.id,
      data: payloadOf(branch),
      confirm: hostUrl(branch.host, 'confirm'),
      cancel: hostUrl(branch.host, 'cancel'),
    };
    registerBranch(world, body, { op: 'try', place: index, triesMax: registerTriesMax }, (answer) => {
      if (answer.kind === 'refused') heard('unknown');
      else attempt({ tx, world, branch }, heard, 1);
    });
  };
}

/** What a branch is sent with every one of its calls. */
export function payloadOf({ id }: BranchDraw): string {
  return `{"branch":"${id}"}`;
}

/** A try without a clear answer is asked again: behind its barrier it happens once. */
function attempt(
  whose: { readonly tx: TransactionDraw; readonly world: World; readonly branch: BranchDraw },
  heard: Parameters<BeginBranch>[2],
  tries: number,
): void {
  const { tx, world, branch } = whose;
  const call = {
    gid: tx.gid,
    transactionType: 'tcc' as const,
    branchId: branch.id,
    op: 'try' as const,
    url: hostUrl(branch.host, 'try'),
    payload: payloadOf(branch),
    timeoutMs: tryTimeoutMs,
  };
  callBranch(world, call, ({ kind }) => {
    if (kind === 'success' || kind === 'failure' || tries === tryTriesMax) heard(kind);
    else attempt(whose, heard, tries + 1);
  });
}
