import { messageMachine } from './message/message-machine.js';
import { sagaMachine } from './saga/saga-machine.js';
import type { TransactionType } from './transaction/definition.js';
import type { Machine } from './transaction/machine.js';

const machines: Readonly<Record<TransactionType, Machine>> = { saga: sagaMachine, msg: messageMachine };

/** The machine of a transaction type. */
export function machineOf(type: TransactionType): Machine {
  return machines[type];
}

/** Whether a `trans_type` has a machine. */
export function isTransactionType(text: string): text is TransactionType {
  return Object.hasOwn(machines, text);
}
