/** TLS on every way by gRPC, each end shown a certificate: client to coordinator, coordinator to branch, client to branch. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { credentials, Server, ServerCredentials, type ChannelCredentials, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { BranchFailure, createClient, newGid, type Client } from '@tandem/client';
import { grpcBranch, grpcCoordinator, type GrpcCoordinator } from '@tandem/client/grpc';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTandem, type RunningTandem } from './coordinator-processes.js';

const folder = new URL('../../server/test/certificates/', import.meta.url);
const path = (name: string) => fileURLToPath(new URL(name, folder));
const pem = (name: string) => readFileSync(path(name));
/** A client that shows what the authority has signed. */
const mutual = () => credentials.createSsl(pem('authority.pem'), pem('client.key'), pem('client.pem'));

const bank = loadSync(fileURLToPath(new URL('readme/bank.proto', import.meta.url)))['bank.Bank'] as ServiceDefinition;
interface Movement {
  readonly account: string;
  readonly amount: number;
}

describe('gRPC by TLS', () => {
  let running: RunningTandem;
  let coordinator: GrpcCoordinator;
  let tandem: Client;
  let at: string;
  const branches = new Server();
  const calls: string[] = [];
  const noting = (what: string) =>
    grpcBranch<Movement>(({ payload, op }) => {
      calls.push(`${what} ${op} ${payload.account}`);
      if (payload.account === 'nobody' && what === 'Debit') throw new BranchFailure('no such account');
      return { text: payload.account };
    });

  beforeAll(async () => {
    running = await startTandem({
      TANDEM_GRPC_TLS_CERTIFICATE: path('server.pem'),
      TANDEM_GRPC_TLS_KEY: path('server.key'),
      TANDEM_GRPC_TLS_CLIENT_AUTHORITY: path('authority.pem'),
      TANDEM_GRPC_BRANCH_TLS_AUTHORITY: path('authority.pem'),
      TANDEM_GRPC_BRANCH_TLS_CERTIFICATE: path('client.pem'),
      TANDEM_GRPC_BRANCH_TLS_KEY: path('client.key'),
    });
    branches.addService(bank, { Debit: noting('Debit'), UndoDebit: noting('UndoDebit'), Check: noting('Check') });
    const own = [{ private_key: pem('server.key'), cert_chain: pem('server.pem') }];
    const secured = ServerCredentials.createSsl(pem('authority.pem'), own, true);
    const port = await new Promise<number>((resolve, reject) => {
      branches.bindAsync('127.0.0.1:0', secured, (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
    at = `grpcs://127.0.0.1:${port}/bank.Bank`;
    coordinator = openCoordinator(mutual(), mutual);
    tandem = createClient({ coordinator });
  });
  afterAll(async () => {
    coordinator.close();
    branches.forceShutdown();
    await running.close();
  });

  const openCoordinator = (secured: ChannelCredentials, participantCredentials = mutual) =>
    grpcCoordinator({ address: running.grpcAddress, credentials: secured, participantCredentials, repeats: 0 });
  const payload = (account: string) => bank['Debit']?.requestSerialize({ account, amount: 1 });
  const saga = (account: string) =>
    tandem.saga().step('debit', { action: `${at}/Debit`, compensate: `${at}/UndoDebit`, payload: payload(account) });

  test('a saga reaches the coordinator, and that its branches', async () => {
    calls.length = 0;
    await expect(saga('ann').submit({ waitResult: true })).resolves.toMatchObject({ status: 'succeed' });
    await expect(saga('nobody').submit({ waitResult: true })).rejects.toThrow(/no such account/);
    await expect.poll(() => calls).toEqual(['Debit action ann', 'Debit action nobody', 'UndoDebit compensate nobody']);
  });

  test('a try is called from here, its confirm by the coordinator', async () => {
    calls.length = 0;
    const answer = await tandem.tcc({ gid: newGid(), waitResult: true }, (tcc) =>
      tcc.branch('debit', {
        try: `${at}/Debit`,
        confirm: `${at}/UndoDebit`,
        cancel: null,
        payload: payload('bob'),
      }),
    );
    expect(bank['Debit']?.responseDeserialize(Buffer.from(answer as Uint8Array))).toEqual({ text: 'bob' });
    expect(calls).toEqual(['Debit try bob', 'UndoDebit confirm bob']);
  });

  test('a participant that is not believed is not told anything, and the TCC is given up', async () => {
    calls.length = 0;
    const doubting = openCoordinator(mutual(), () => credentials.createSsl(pem('stranger.pem')));
    try {
      const tcc = createClient({ coordinator: doubting }).tcc((scope) =>
        scope.branch('debit', { try: `${at}/Debit`, confirm: null, cancel: null, payload: payload('eve') }),
      );
      await expect(tcc).rejects.toMatchObject({ code: 'BRANCH_UNCLEAR', message: /certificate/ });
      expect(calls).toEqual([]);
    } finally {
      doubting.close();
    }
  });

  test.each([
    ['without TLS', () => credentials.createInsecure()],
    ['that believes another authority', () => credentials.createSsl(pem('stranger.pem'))],
    ['that shows no certificate', () => credentials.createSsl(pem('authority.pem'))],
  ])('a client %s is told to look at its credentials', async (_, secured) => {
    const wrong = openCoordinator(secured());
    try {
      const sent = createClient({ coordinator: wrong }).message().add(`${at}/Debit`, payload('eve')).submit();
      await expect(sent).rejects.toMatchObject({ code: 'COORDINATOR_UNREACHABLE', message: /TLS.*credentials/ });
    } finally {
      wrong.close();
    }
  });
});
