import { createHash } from 'node:crypto';
import type { BarrierRow } from '@tandem/protocol';
import type { XaBranchId } from './xa-database.js';

/**
 * The name of a branch at the engine, as DTM's SDKs make it: `gid-branchId`; where the engine does not take so long a one, a digest
 * of it in 64 letters.
 */
export function xaName({ gid, branchId }: XaBranchId, bytesMax: number): string {
  const name = `${gid}-${branchId}`;
  return Buffer.byteLength(name) <= bytesMax ? name : createHash('sha256').update(name).digest('hex');
}

/**
 * The barrier row of a branch: written with the reason `action` inside what is prepared, and with `rollback` by the rollback, so
 * that whichever comes first keeps the other away.
 */
export function preparedRow(branch: XaBranchId, reason: 'action' | 'rollback'): BarrierRow {
  const { gid, branchId, transType } = branch;
  return { transType, gid, branchId, op: 'action', barrierId: '01', reason };
}
