import { machineOf, workflowResult, type Transaction } from '@tandem/protocol';
import type { StoredTransaction } from '@tandem/store';
import type { TransactionPage, TransactionView } from './coordinator-api.js';
import { readTransaction } from './stored-transaction.js';

type Listed = TransactionPage['transactions'][number];

/** One transaction with its branches, as a query shows it. */
export function viewOf(stored: StoredTransaction): TransactionView {
  const tx = readTransaction(stored);
  return { ...shown(stored, tx), branches: machineOf(tx.definition.type).branches(tx) };
}

/** A listing shows no steps: their payloads would make a page as large as all its requests together. */
export function listed(stored: StoredTransaction): Listed {
  const view = shown(stored, readTransaction(stored));
  return { ...view, definition: { ...view.definition, steps: [], subscribers: {} } };
}

function shown(stored: StoredTransaction, tx: Transaction): Listed {
  const { version, dueAt, leaseOwner } = stored.head;
  const result = tx.definition.type === 'workflow' ? workflowResult(tx) : '';
  return { gid: tx.gid, definition: tx.definition, head: tx.head, version, dueAt, leaseOwner, result };
}
