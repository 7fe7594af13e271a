import { expect, test } from 'vitest';
import { readArguments } from './arguments.js';

test('options are read with their value beside or behind them', () => {
  expect(readArguments(['--seeds', '20', '--from=7', '--workers', '2'])).toMatchObject({
    seeds: 20,
    from: 7,
    workers: 2,
  });
  expect(readArguments([])).toMatchObject({
    seeds: 1_000,
    from: 1,
    workers: 1,
    forMs: undefined,
    isTranscribed: false,
  });
});

test('a time goes on whatever the number of seeds', () => {
  expect(readArguments(['--hours', '0.5'])).toMatchObject({ seeds: Infinity, forMs: 1_800_000 });
});

test.each([
  [['--sedes', '3'], 'unknown option --sedes'],
  [['--seeds'], '--seeds needs a value'],
  [['--seeds', 'many'], '--seeds needs a number, not many'],
])('%j is refused with what is wrong', (given, message) => {
  expect(() => readArguments(given)).toThrow(message);
});
