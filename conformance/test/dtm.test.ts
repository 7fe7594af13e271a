import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectedOf, type Observation } from '@tandem/conformance';
import { namedRuns, observeAll } from './observed-by-name.js';
import { startDtm, type ServerProcess } from './servers.js';

/** The program of DTM's own server, as built from its sources. */
const command = process.env['TANDEM_TEST_DTM_COMMAND'] ?? '';

if (command === '') {
  test.skip('the cases on the server that TANDEM_TEST_DTM_COMMAND names', () => undefined);
} else {
  describe("DTM's own server is as the cases say", () => {
    let server: ServerProcess | undefined;
    let seen: ReadonlyMap<string, Observation>;

    beforeAll(async () => {
      server = await startDtm(command);
      seen = await observeAll(server);
    }, 120_000);
    afterAll(() => server?.stop());

    test.each(namedRuns)('$name', ({ name, one, wire }) => {
      expect(seen.get(name)?.facts).toEqual(expectedOf(one, wire));
    });
  });
}
