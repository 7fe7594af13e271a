import { expect, test } from 'vitest';
import { Story, timeText } from './story.js';

test('a time is told in the largest units that fit', () => {
  expect([0, 20, 61_500, 3_600_000, 259_200_000 + 90].map(timeText)).toEqual([
    '0s',
    '0.02s',
    '1m 1.5s',
    '1h',
    '3d 0.09s',
  ]);
});

test('of a long story the beginning and the end are told', () => {
  const story = new Story(() => 0);
  for (let line = 1; line <= 1_000; line += 1) story.tell(String(line));
  expect(story.lines).toHaveLength(301);
  expect(story.lines.slice(149, 152).map((line) => line.trim())).toEqual(['0s  150', '... 700 more ...', '0s  851']);
  expect(story.lines.at(-1)?.trim()).toBe('0s  1000');
});
