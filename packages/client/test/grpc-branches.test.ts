/** Branches of a service of grpc-js, called by Tandem's server and from here. The README's example is the service. */
import { Client as GrpcClient, credentials, Metadata, ServerCredentials, type ServiceError } from '@grpc/grpc-js';
import { Barrier, createClient, newGid, type Client } from '@tandem/client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTandem, type RunningTandem } from './coordinator-processes.js';
import { add, balanceOf, db } from './readme/accounts.js';
import type * as Example from './readme/grpc.js';

let running: RunningTandem;
let example: typeof Example;
let tandem: Client;
let at: string;
beforeAll(async () => {
  running = await startTandem();
  process.env['TANDEM_GRPC'] = running.grpcAddress;
  example = await import('./readme/grpc.js');
  tandem = createClient({ coordinator: example.coordinator });
  const port = await new Promise<number>((resolve, reject) => {
    example.server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  at = `127.0.0.1:${port}`;
});
afterAll(async () => {
  example.coordinator.close();
  example.server.forceShutdown();
  await running.close();
});

/** A message of the example's proto: `account` and `amount`. */
const movement = (account: string, amount: number): Buffer =>
  Buffer.concat([Buffer.from([10, account.length]), Buffer.from(account), Buffer.from([16, amount])]);

describe('a branch of grpc-js', () => {
  const same = (bytes: Buffer): Buffer => bytes;
  /** Calls as a coordinator does; resolves with gRPC's code and text. */
  const called = (method: string, names: Record<string, string>, message = movement('ann', 1)) =>
    new Promise<readonly [number, string]>((resolve) => {
      const client = new GrpcClient(at, credentials.createInsecure());
      const metadata = new Metadata();
      for (const [name, value] of Object.entries(names)) metadata.set(`dtm-${name}`, value);
      const answered = (error: ServiceError | null, answer?: Buffer): void => {
        client.close();
        resolve(error === null ? [0, answer?.subarray(2).toString() ?? ''] : [error.code, error.details]);
      };
      client.makeUnaryRequest(`/bank.Bank/${method}`, same, same, message, metadata, answered);
    });
  const action = (gid = newGid()) => ({ gid, trans_type: 'saga', branch_id: '01', op: 'action' });

  test('is part of a saga', async () => {
    const before = balanceOf('ann');
    await example.debit(at, { account: 'ann', amount: 30 }, newGid());
    expect(balanceOf('ann')).toBe(before - 30);
  });

  test('refuses, and the reason reaches the caller', async () => {
    const gid = newGid();
    const refused = example.debit(at, { account: 'ann', amount: 100_000 }, gid);
    await expect(refused).rejects.toMatchObject({ code: 'TRANSACTION_FAILED', gid });
    await expect(refused).rejects.toThrow(/ann has not enough money/);
    await expect.poll(async () => (await tandem.query(gid))?.status).toBe('failed');
  });

  test('that is called twice does it once', async () => {
    const before = balanceOf('ann');
    const names = action();
    expect([await called('Debit', names), await called('Debit', names)]).toEqual([
      [0, '1 from ann'],
      [0, '1 from ann'],
    ]);
    expect(balanceOf('ann')).toBe(before - 1);
  });

  test('tells a refusal, "not yet", a defect and a wrong call apart', async () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const answer = (account: string) => called('Debit', action(), movement(account, 1));
    expect(await answer('nobody')).toEqual([10, 'nobody has not enough money']);
    // An ABORTED of this text alone would mean "not yet".
    expect(await answer('ONGOING')).toEqual([10, 'refused: ONGOING']);
    expect(await answer('later')).toEqual([9, 'not yet']);
    expect(told).not.toHaveBeenCalled();
    expect(await answer('broken')).toEqual([13, 'the branch met an unexpected error']);
    expect(await called('Debit', {})).toEqual([3, expect.stringMatching(/^NOT_A_BRANCH_CALL: .*trans_type/)]);
    expect(told).toHaveBeenCalledTimes(2);
    told.mockRestore();
  });

  test('is tried, confirmed and cancelled as a branch of a TCC', async () => {
    const before = balanceOf('ann');
    const debit = (amount: number) => ({
      try: `grpc://${at}/bank.Bank/Debit`,
      confirm: null,
      cancel: `grpc://${at}/bank.Bank/UndoDebit`,
      payload: movement('ann', amount),
    });
    const receipt = await tandem.tcc((tcc) => tcc.branch<Uint8Array>('debit', debit(2)));
    expect(Buffer.from(receipt).subarray(2).toString()).toBe('2 from ann');
    expect(balanceOf('ann')).toBe(before - 2);
    const given = tandem.tcc({ waitResult: true }, async (tcc) => {
      await tcc.branch('debit', debit(3));
      throw new Error('changed my mind');
    });
    await expect(given).rejects.toThrow('changed my mind');
    await expect.poll(() => balanceOf('ann')).toBe(before - 2);
    const refused = tandem.tcc((tcc) => tcc.branch('debit', { ...debit(1), payload: movement('nobody', 1) }));
    await expect(refused).rejects.toMatchObject({ code: 'TRANSACTION_FAILED' });
  });

  test('that nobody serves gives no clear answer', async () => {
    const nowhere = { try: 'grpc://127.0.0.1:9/bank.Bank/Debit', confirm: null, cancel: null };
    await expect(tandem.tcc((tcc) => tcc.branch('debit', nowhere))).rejects.toMatchObject({ code: 'BRANCH_UNCLEAR' });
    const odd = { ...nowhere, try: 'grpc://127.0.0.1:9/none' };
    await expect(tandem.tcc((tcc) => tcc.branch('debit', odd))).rejects.toThrow(/package.Service\/Method/);
  });
});

describe('a back-check by gRPC', () => {
  const check = () => `grpc://${at}/bank.Bank/Check`;
  const statusOf = async (gid: string) => (await tandem.query(gid))?.status;

  test('delivers what committed though its sender died, and gives up what did not', async () => {
    const message = () =>
      tandem.message({ firstCheckAfter: '1s' }).add(`grpc://${at}/bank.Bank/Debit`, movement('ann', 1));
    const [committed, lost] = [message(), message()];
    const barrier = new Barrier({ gid: committed.gid, transType: 'msg', branchId: '00', op: 'msg' });
    // Before it is prepared: no back-check comes earlier.
    await barrier.transaction(db, () => add({ account: 'ann', amount: 1 }, 1));
    await Promise.all([committed.prepare(check()), lost.prepare(check())]);
    await expect.poll(() => statusOf(committed.gid)).toBe('succeed');
    await expect.poll(() => statusOf(lost.gid)).toBe('failed');
  });

  test('is asked from here where the local transaction threw', async () => {
    const message = tandem.message().add(`grpc://${at}/bank.Bank/Debit`, movement('ann', 1));
    const done = message.doAndSubmit(check(), () => Promise.reject(new Error('constraint violated')));
    await expect(done).rejects.toThrow('constraint violated');
    expect(await statusOf(message.gid)).toBe('failed');
  });
});

describe('bad use', () => {
  test('bytes, and a branch by gRPC, need a client by gRPC', async () => {
    const http = createClient({ url: running.url });
    const step = { action: `grpc://${at}/bank.Bank/Debit`, compensate: null, payload: movement('ann', 1) };
    expect(() => http.saga().step('debit', step)).toThrow(/@tandem\/client\/grpc/);
    const tried = http.tcc((tcc) => tcc.branch('debit', { try: step.action, confirm: null, cancel: null }));
    await expect(tried).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });

  test('what the messages have no field for is refused, not left out', async () => {
    const step = { action: `grpc://${at}/bank.Bank/Debit`, compensate: null };
    const saga = tandem.saga({ retry: { factor: 3 } }).step('debit', step);
    await expect(saga.submit()).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });
});
