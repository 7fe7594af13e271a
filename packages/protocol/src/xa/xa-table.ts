import type { StateTable } from '../tables/state-table.js';
import { twoPhaseTable } from '../two-phase/two-phase-table.js';

/** XA, status by status. */
export const xaTable: StateTable<'commit' | 'rollback'> = twoPhaseTable(
  'commit',
  'rollback',
  'in the order of registration, one after the other',
);
