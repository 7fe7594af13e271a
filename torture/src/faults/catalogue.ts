import { bankFaults } from './bank-faults.js';
import { failingSync, fullDisk, readOnlyAtStart, slowSync, turnsReadOnly } from './disk-faults.js';
import type { Fault } from './fault.js';
import { freezeCoordinator } from './freeze-coordinator.js';
import { killAtRandom, killAtStart, killInBurst } from './kill-coordinator.js';
import { nodeFaults } from './node-faults.js';

/** What strikes one coordinator with its embedded store. */
const ofOne: readonly Fault[] = [
  killAtRandom,
  killAtStart,
  killInBurst,
  freezeCoordinator,
  fullDisk,
  readOnlyAtStart,
  turnsReadOnly,
  slowSync,
  failingSync,
];

/** Faults for one coordinator, or for several on one store. */
export function faultsFor(nodes: number): readonly Fault[] {
  return [...(nodes > 0 ? nodeFaults : ofOne), ...bankFaults];
}

/** Every fault that can be asked for by its name where there is one coordinator. */
export const faults: readonly Fault[] = faultsFor(0);
