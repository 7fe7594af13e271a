import { expect, test } from 'vitest';
import { readOptions } from './options.mjs';

test('a suite brings its own seconds and runs, and an option goes before them', () => {
  expect(readOptions(['--scenario', 'stores', '--store', 'redis'])).toMatchObject({
    seconds: 4,
    runs: 3,
    store: 'redis',
  });
  expect(readOptions(['--scenario', 'stores', '--runs', '5'])).toMatchObject({ seconds: 4, runs: 5 });
  expect(readOptions([])).toMatchObject({ seconds: 5, warmUpSeconds: 3, runs: 1, connections: [1, 16, 64, 256] });
});

test.each([
  [['--scenario', 'saga3'], 'no scenario saga3'],
  [['--store', 'oracle'], 'no store oracle; there are sqlite'],
  [['--scenario', 'claims'], 'not with this server and store: claims'],
  [['--scenario', 'claims', '--store', 'redis', '--server-command', 'x'], 'not with this server and store: claims'],
  [['--connections', '1,x'], '--connections takes whole numbers, not "x"'],
  [['--runs', ''], '--runs takes whole numbers'],
])('%j is refused before anything is measured', (args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});
