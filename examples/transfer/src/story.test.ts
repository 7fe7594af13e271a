import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Story } from './story.js';

const written: string[] = [];
beforeEach(() => {
  written.length = 0;
  vi.spyOn(console, 'log').mockImplementation((line: string) => written.push(line));
});
afterEach(() => vi.restoreAllMocks());

test('one check that fails makes the whole story wrong, whatever follows', () => {
  const story = new Story();
  story.check('money stays', true);
  expect(story.isRight).toBe(true);
  story.check('money stays', false);
  story.check('money stays', true);
  expect(story.isRight).toBe(false);
  expect(written).toEqual(['  ✔ money stays', '  ✘ NOT SO: money stays', '  ✔ money stays']);
});

test('balances are told with their sum', () => {
  new Story().balances('before', [
    { name: 'ann', balance: 70 },
    { name: 'bob', balance: 80 },
  ]);
  expect(written).toEqual(['  before  ann 70   bob 80   (sum 150)']);
});
