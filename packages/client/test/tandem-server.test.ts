import { describe, expect, test } from 'vitest';
import { createClient } from '@tandem/client';
import { byGrpc, byHttp, inProcess } from './client-at.js';
import { coordinatorCases } from './coordinator-cases.js';
import { startTandem } from './coordinator-processes.js';
import { startParticipant } from './participant.js';

describe("Tandem's server", () => {
  coordinatorCases(byHttp(startTandem));

  test('refuses other content under a used gid, with a code', async () => {
    const coordinator = await startTandem();
    try {
      const tandem = createClient({ url: coordinator.url });
      const message = (payload: string) => tandem.message({ gid: 'g' }).add('http://127.0.0.1:9/none', payload);
      await message('a').submit();
      const refused = { code: 'REQUEST_REFUSED', coordinatorCode: 'CONFLICTING_REPEAT' };
      await expect(message('b').submit()).rejects.toMatchObject(refused);
      expect(await tandem.query('g')).toMatchObject({ status: 'submitted' });
    } finally {
      await coordinator.close();
    }
  });

  test.each([
    ['HTTP', byHttp(startTandem)],
    ['gRPC', byGrpc],
    ['a call in one process', inProcess],
  ])('tells by %s why a branch is called again, and why it refused', async (_by, start) => {
    const { tandem, close } = await start();
    const participant = await startParticipant();
    try {
      const saga = tandem.saga().step('nobody', { action: 'http://127.0.0.1:1/none', compensate: null });
      await expect(saga.submit({ waitResult: true })).rejects.toMatchObject({ code: 'TRANSACTION_ONGOING' });
      const reasonsOf = async (gid: string): Promise<string> =>
        ((await tandem.query(gid))?.branches ?? []).map(({ reason }) => reason).join(' ');
      await expect.poll(() => reasonsOf(saga.gid)).toMatch(/ECONNREFUSED|fetch failed/);
      const refused = tandem.saga().step('no', { action: `${participant.url}/refuse`, compensate: null });
      await expect(refused.submit({ waitResult: true })).rejects.toMatchObject({ code: 'TRANSACTION_FAILED' });
      expect(await reasonsOf(refused.gid)).toContain('sold out');
    } finally {
      participant.close();
      await close();
    }
  });
});
