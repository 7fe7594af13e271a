import type { StateTable } from '../tables/state-table.js';
import { twoPhaseTable } from '../two-phase/two-phase-table.js';

/** TCC, status by status. */
export const tccTable: StateTable<'confirm' | 'cancel'> = twoPhaseTable(
  'confirm',
  'cancel',
  'backwards in the order of registration, one after the other',
);
