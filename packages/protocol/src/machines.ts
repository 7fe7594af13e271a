import { messageMachine } from './message/message-machine.js';
import { sagaMachine } from './saga/saga-machine.js';
import { tccMachine } from './tcc/tcc-machine.js';
import type { TransactionType } from './transaction/definition.js';
import type { Machine } from './transaction/machine.js';
import { workflowMachine } from './workflow/workflow-machine.js';
import { xaMachine } from './xa/xa-machine.js';

const machines: Readonly<Record<TransactionType, Machine>> = {
  saga: sagaMachine,
  msg: messageMachine,
  tcc: tccMachine,
  xa: xaMachine,
  workflow: workflowMachine,
};

/** The machine of a transaction type. */
export function machineOf(type: TransactionType): Machine {
  return machines[type];
}

/** Every transaction type. */
export const transactionTypes = Object.keys(machines) as readonly TransactionType[];

/** Whether a `trans_type` has a machine. */
export function isTransactionType(text: string): text is TransactionType {
  return Object.hasOwn(machines, text);
}
