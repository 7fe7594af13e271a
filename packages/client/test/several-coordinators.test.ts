import { createClient, CoordinatorUnreachable, type Client } from '@tandem/client';
import { grpcCoordinator } from '@tandem/client/grpc';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../../scripts/processes/free-port.mjs';
import { startTandem, type RunningTandem } from './coordinator-processes.js';

let running: RunningTandem;
let nobody: string;
beforeAll(async () => {
  running = await startTandem();
  nobody = `127.0.0.1:${String(await freePort())}`;
});
afterAll(() => running.close());

const step = { action: 'http://127.0.0.1:1/nobody', compensate: null };

/** More gids than it takes for each of the two places to be some gid's first. */
async function submitAll(tandem: Client): Promise<string[]> {
  const gids = Array.from({ length: 8 }, (_, number) => `${crypto.randomUUID()}-${number}`);
  const submitted = await Promise.all(gids.map((gid) => tandem.saga({ gid }).step('nothing', step).submit()));
  await Promise.all(gids.map((gid) => tandem.query(gid)));
  return submitted.map(({ status }) => status);
}

describe('several coordinators, one of which is gone', () => {
  test('by HTTP, what finds it gone is asked of the other', async () => {
    const tandem = createClient({ url: [`http://${nobody}`, running.url] });
    expect(await submitAll(tandem)).toEqual(Array(8).fill('submitted'));
  });

  test('by gRPC, too', async () => {
    const coordinator = grpcCoordinator({ address: [nobody, running.grpcAddress] });
    expect(await submitAll(createClient({ coordinator }))).toEqual(Array(8).fill('submitted'));
    coordinator.close();
  });

  test('where all are gone, the error names them all', async () => {
    const tandem = createClient({ url: [`http://${nobody}`, 'http://127.0.0.1:1'], repeats: 1 });
    const error: unknown = await tandem
      .saga()
      .step('nothing', step)
      .submit()
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(CoordinatorUnreachable);
    expect(String(error)).toContain(`${nobody}/api/dtmsvr or http://127.0.0.1:1/api/dtmsvr`);
  });

  test('a list with a wrong member, or with none, is a mistake', () => {
    expect(() => createClient({ url: [running.url, 'nowhere'] })).toThrow(/nowhere/);
    expect(() => createClient({ url: [] })).toThrow(/url must name a coordinator/);
    expect(() => grpcCoordinator({ address: [running.grpcAddress, 'nowhere'] })).toThrow(/nowhere/);
  });
});
