import { resolveClientOptions, type ClientOptions } from './coordinator/client-options.js';
import { CoordinatorConnection } from './coordinator/coordinator-connection.js';
import { readTransactionState, type TransactionState } from './coordinator/transaction-status.js';
import { Message, type MessageOptions } from './transaction/message.js';
import { Saga, type SagaOptions } from './transaction/saga.js';
import { refusal } from './transaction/submission.js';

/** Starts transactions at one coordinator. Holds no connection of its own; one for the whole process is enough. */
export interface Client {
  saga(options?: SagaOptions): Saga;
  message(options?: MessageOptions): Message;
  /** How a transaction stands; undefined: the coordinator does not know the gid (or has purged it). */
  query(gid: string): Promise<TransactionState | undefined>;
}

/** Throws `INVALID_OPTION` for a url that cannot be a coordinator's; makes no call. */
export function createClient(options: ClientOptions): Client {
  const connection = new CoordinatorConnection(resolveClientOptions(options));
  return {
    saga: (sagaOptions = {}) => new Saga(connection, sagaOptions),
    message: (messageOptions = {}) => new Message(connection, messageOptions),
    query: async (gid) => {
      const answer = await connection.get('query', { gid }, { gid });
      if (answer.status !== 200) throw refusal(answer, gid);
      return readTransactionState(answer.body);
    },
  };
}
