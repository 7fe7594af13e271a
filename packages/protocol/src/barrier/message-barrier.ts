import { messageOp, type BarrierCall, type BarrierRow } from './branch-barrier.js';

const rolledBack = 'rollback';

/** The barrier's call of a message's local transaction. */
export function messageCall(gid: string): BarrierCall {
  return { transType: 'msg', gid, branchId: '00', op: messageOp };
}

/**
 * The row that a back-check inserts unless it exists, outside any other transaction: if the local transaction has not
 * committed by then, this row makes sure that it never will. Then read the `reason` under its key back.
 */
export function backCheckRow(gid: string): BarrierRow {
  return { ...messageCall(gid), barrierId: '01', reason: rolledBack };
}

/** What the reason that was read back says about the local transaction; no row: it cannot be told. */
export function decideBackCheck(reason: string | undefined): 'committed' | 'rolledBack' | 'unknown' {
  if (reason === undefined) return 'unknown';
  return reason === rolledBack ? 'rolledBack' : 'committed';
}
