import { bankFaults } from './bank-faults.js';
import { failingSync, fullDisk, readOnlyAtStart, slowSync, turnsReadOnly } from './disk-faults.js';
import type { Fault } from './fault.js';
import { freezeCoordinator } from './freeze-coordinator.js';
import { killAtRandom, killAtStart, killInBurst } from './kill-coordinator.js';

/** Every fault that can be asked for by its name. */
export const faults: readonly Fault[] = [
  killAtRandom,
  killAtStart,
  killInBurst,
  freezeCoordinator,
  fullDisk,
  readOnlyAtStart,
  turnsReadOnly,
  slowSync,
  failingSync,
  ...bankFaults,
];
