import { abortedMessage } from './aborted-message.js';
import { concurrentSaga } from './concurrent-saga.js';
import { messageOverWires } from './message-over-wires.js';
import { message, topicMessage } from './message.js';
import { plainMessage } from './plain-message.js';
import { sagaOverWires } from './saga-over-wires.js';
import { sequentialSaga } from './sequential-saga.js';
import { tcc } from './tcc.js';
import type { TransactionKind } from './transaction-kind.js';
import { workflow } from './workflow.js';
import { xa } from './xa.js';

/** Every kind that clients ask for. */
export const transactionKinds: readonly TransactionKind[] = [
  sequentialSaga,
  concurrentSaga,
  message,
  topicMessage,
  plainMessage,
  abortedMessage,
  sagaOverWires,
  messageOverWires,
  tcc,
  xa,
  workflow,
];
