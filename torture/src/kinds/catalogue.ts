import { abortedMessage } from './aborted-message.js';
import { concurrentSaga } from './concurrent-saga.js';
import { message, topicMessage } from './message.js';
import { plainMessage } from './plain-message.js';
import { sequentialSaga } from './sequential-saga.js';
import type { TransactionKind } from './transaction-kind.js';

/** Every kind that clients ask for. */
export const transactionKinds: readonly TransactionKind[] = [
  sequentialSaga,
  concurrentSaga,
  message,
  topicMessage,
  plainMessage,
  abortedMessage,
];
