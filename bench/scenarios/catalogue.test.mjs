import { expect, test } from 'vitest';
import { knownNames, planOf, scenarios, suites } from './catalogue.mjs';

const namesOf = (/** @type {readonly { name: string }[]} */ planned) => planned.map(({ name }) => name);

test('a suite leaves out what the server or the store cannot be asked', () => {
  expect(namesOf(planOf(['stores'], { isOurs: true, isShared: true }).planned)).toEqual(
    namesOf(suites['stores']?.scenarios ?? []),
  );
  expect(namesOf(planOf(['stores'], { isOurs: false, isShared: true }).planned)).toEqual([
    'saga2',
    'message-aborted',
    'message-prepared',
    'recovery',
    'two-nodes',
  ]);
  expect(namesOf(planOf(['stores'], { isOurs: true, isShared: false }).planned)).not.toContain('two-nodes');
});

test('what was asked for by its own name and cannot be is said, not left out', () => {
  expect(planOf(['saga2', 'claims'], { isOurs: true, isShared: false }).impossible).toEqual(['claims']);
  expect(planOf(['saga2', 'claims'], { isOurs: true, isShared: true }).impossible).toEqual([]);
});

test('every scenario of a suite is there, and measured in one way', () => {
  const inSuites = Object.values(suites).flatMap((suite) => suite.scenarios);
  for (const { name } of inSuites) expect(knownNames()).toContain(name);
  for (const { measure, measureAt } of Object.values(scenarios)) {
    expect([measure, measureAt].filter((one) => one !== undefined)).toHaveLength(1);
  }
});
