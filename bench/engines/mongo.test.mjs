import { expect, test } from 'vitest';
import { countersOf } from './mongo.mjs';

test('the commands that the engine has answered are summed, and what is no command is left out', () => {
  const commands = { update: { total: 12, failed: 1 }, find: { total: 30n }, regex: {} };
  expect(countersOf({ metrics: { commands } })).toEqual({ commands: 42 });
  expect(countersOf({})).toEqual({ commands: 0 });
});
