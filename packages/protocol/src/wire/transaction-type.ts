import { TandemError } from '../errors.js';
import { isTransactionType, transactionTypes } from '../machines.js';
import type { TransactionType } from '../transaction/definition.js';
import { textMember, type JsonObject } from './json-members.js';

/** `trans_type`; `absent` where it is left out. Throws UNKNOWN_TRANSACTION_TYPE. */
export function transactionTypeOf(body: JsonObject, absent = ''): TransactionType {
  const type = textMember(body, 'trans_type') || absent;
  if (isTransactionType(type)) return type;
  throw new TandemError(
    'UNKNOWN_TRANSACTION_TYPE',
    `trans_type must be one of ${transactionTypes.join(', ')}, not ${JSON.stringify(type.slice(0, 40))}`,
  );
}
