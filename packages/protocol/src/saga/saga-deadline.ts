import type { MachineDefaults, Mutation } from '../transaction/machine.js';
import type { Transaction } from '../transaction/transaction.js';

/** How long the saga may take, in ms from its creation; 0: as long as it takes. */
function limitOf(tx: Transaction, defaults: MachineDefaults): number {
  return tx.definition.options.timeoutToFailMs ?? defaults.timeoutToFailMs;
}

/** When the saga rolls back if it is not done by then; undefined: never. */
export function deadlineOf(tx: Transaction, defaults: MachineDefaults): number | undefined {
  const limitMs = limitOf(tx, defaults);
  return limitMs > 0 ? tx.head.createdAt + limitMs : undefined;
}

/** The roll-back of a saga whose time is over. */
export function timedOut(tx: Transaction, defaults: MachineDefaults): Mutation {
  const seconds = String(limitOf(tx, defaults) / 1000);
  return { status: 'aborting', state: { reason: `Timeout after ${seconds} seconds` } };
}
