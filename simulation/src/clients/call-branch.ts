import type { BranchCall } from '@tandem/coordinator';
import type { BranchResult } from '@tandem/protocol';
import type { World } from '../world.js';

/** A call that a service or a caller makes itself: the first answer counts, and none in time is unknown. */
export function callBranch(
  world: World,
  call: Pick<BranchCall, 'transactionType' | 'branchId' | 'op' | 'url' | 'payload' | 'timeoutMs'> & {
    readonly gid: string;
  },
  heard: (result: BranchResult) => void,
): void {
  let isOver = false;
  const hear = (result: BranchResult): void => {
    if (isOver) return;
    isOver = true;
    world.transcript.say('caller', () => `${call.gid} ${call.branchId} ${call.op}: ${result.kind}`);
    heard(result);
  };
  world.time.in(call.timeoutMs, () => {
    hear({ kind: 'unknown', reason: 'no answer in time', isUnreachable: true });
  });
  world.carry({ ...call, gid: call.gid as BranchCall['gid'], protocol: 'http', headers: {} }, hear);
}
