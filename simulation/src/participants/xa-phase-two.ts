/** The second phase of an XA branch, as DTM's SDKs do it: a branch that the database does not know has been ended before. */
import type { BranchResult } from '@tandem/protocol';
import type { Tally } from '../tally.js';
import type { Effects } from './effects.js';
import type { XaDatabase } from './xa-database.js';

export interface XaEnd {
  readonly gid: string;
  readonly branchId: string;
  readonly op: 'commit' | 'rollback';
  readonly host: number;
}

export function xidOf({ gid, branchId }: { readonly gid: string; readonly branchId: string }): string {
  return `${gid}-${branchId}`;
}

export function endXaBranch(
  database: XaDatabase,
  end: XaEnd,
  around: { effects: Effects; tally: Tally },
): BranchResult {
  const { gid, branchId, op, host } = end;
  const became = op === 'commit' ? database.commit(xidOf(end)) : database.rollback(xidOf(end));
  switch (became) {
    case 'done':
      around.effects.add({ gid, branchId, op, host, payload: '' });
      around.tally.count(op === 'commit' ? 'xaCommitted' : 'xaRolledBack');
      return { kind: 'success' };
    case 'unknown':
      around.tally.count('xaUnknown');
      return { kind: 'success' };
    case 'locked':
      around.tally.count('xaLocked');
      return { kind: 'unknown', reason: 'lock wait timeout' };
  }
}
