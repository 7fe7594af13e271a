import type { MachineDefaults, Mutation } from './machine.js';
import type { Transaction } from './transaction.js';

/** How long the transaction may take, in ms from its creation; 0: as long as it takes. */
function limitOf(tx: Transaction, defaults: MachineDefaults): number {
  return tx.definition.options.timeoutToFailMs ?? defaults.timeoutToFailMs;
}

/** When the transaction rolls back if it is not done (or decided) by then; undefined: never. */
export function deadlineOf(tx: Transaction, defaults: MachineDefaults): number | undefined {
  const limitMs = limitOf(tx, defaults);
  return limitMs > 0 ? tx.head.createdAt + limitMs : undefined;
}

/** The roll-back of a transaction whose time is over. */
export function timedOut(tx: Transaction, defaults: MachineDefaults): Mutation {
  const seconds = String(limitOf(tx, defaults) / 1000);
  return { status: 'aborting', state: { reason: `Timeout after ${seconds} seconds` } };
}
