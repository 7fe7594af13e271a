import type { RequestHandler } from '@tandem/client';
import type { Bank } from '../bank/bank.js';
import type { BankAddress } from '../wires/branch-url.js';

/** What banks serve for sagas of either order. */
export function sagaRoutes(bank: Bank): Readonly<Record<string, RequestHandler>> {
  return {
    '/saga/debit': bank.movement(-1),
    '/saga/undo-debit': bank.movement(1, { isUndo: true }),
    '/saga/credit': bank.movement(1),
    '/saga/undo-credit': bank.movement(-1, { isUndo: true }),
  };
}

export function sagaStep(kind: 'debit' | 'credit', bank: BankAddress, account: string, amount: number) {
  return {
    action: `${bank.url}/saga/${kind}`,
    compensate: `${bank.url}/saga/undo-${kind}`,
    payload: { account, amount },
  };
}
