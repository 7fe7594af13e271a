// #region grpc
import { fileURLToPath } from 'node:url';
import { Server, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { createClient } from '@tandem/client';
import { grpcBackCheck, grpcBranch, grpcCoordinator } from '@tandem/client/grpc';
import { add, db, type Movement } from './accounts.js';

const bank = loadSync(fileURLToPath(new URL('bank.proto', import.meta.url)))['bank.Bank'] as ServiceDefinition;

/** The service: any method of `@grpc/grpc-js` can be a branch. */
export const server = new Server();
server.addService(bank, {
  Debit: grpcBranch<Movement>(async ({ payload, barrier }) => {
    await barrier.transaction(db, () => add(payload, -1));
    return { text: `${payload.amount} from ${payload.account}` };
  }),
  UndoDebit: grpcBranch<Movement>(({ payload, barrier }) => barrier.transaction(db, () => add(payload, 1))),
  Check: grpcBackCheck(db),
});

/** The caller: a coordinator by gRPC; payloads are the bytes of the messages. */
export const coordinator = grpcCoordinator({ address: process.env['TANDEM_GRPC'] ?? '127.0.0.1:36790' });
const tandem = createClient({ coordinator });

export async function debit(bankAt: string, movement: Movement, gid: string) {
  const saga = tandem.saga({ gid }).step('debit', {
    action: `grpc://${bankAt}/bank.Bank/Debit`,
    compensate: `grpc://${bankAt}/bank.Bank/UndoDebit`,
    payload: bank['Debit']?.requestSerialize(movement),
  });
  return saga.submit({ waitResult: true });
}
// #endregion
