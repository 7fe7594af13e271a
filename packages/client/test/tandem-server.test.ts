import { describe, expect, test } from 'vitest';
import { createClient } from '@tandem/client';
import { byHttp } from './client-at.js';
import { coordinatorCases } from './coordinator-cases.js';
import { startTandem } from './coordinator-processes.js';

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
});
