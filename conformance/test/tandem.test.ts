import { afterAll, beforeAll, expect, test } from 'vitest';
import { differenceOf, expectedOf, type Observation } from '@tandem/conformance';
import { namedRuns, observeAll } from './observed-by-name.js';
import { startTandem, type ServerProcess } from './servers.js';

let server: ServerProcess | undefined;
let seen: ReadonlyMap<string, Observation>;

beforeAll(async () => {
  server = await startTandem();
  seen = await observeAll(server);
}, 120_000);
afterAll(() => server?.stop());

test.each(namedRuns)('$name', ({ name, one, wire }) => {
  expect(seen.get(name)?.facts).toEqual(differenceOf(one, wire)?.tandem ?? expectedOf(one, wire));
});
