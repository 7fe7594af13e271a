import { expect, test } from 'vitest';
import { wallTimeOf, zoneOffsetMs } from './dtm-time.js';

test.each([
  ['+08:00', 28_800_000],
  [' 08:00', 28_800_000],
  ['8', 28_800_000],
  ['-3:30', -12_600_000],
  ['+0530', 19_800_000],
  ['0', 0],
])('%s is an offset', (zone, ms) => {
  expect(zoneOffsetMs(zone)).toBe(ms);
});

test.each(['', 'UTC', '+15', '+08:60', '08:00:00'])('"%s" is none', (zone) => {
  expect(zoneOffsetMs(zone)).toBeUndefined();
});

test("a wall's time is that much earlier in UTC where the wall is ahead of it", () => {
  expect(wallTimeOf('2026-11-21 17:57:20', 28_800_000)).toBe(Date.parse('2026-11-21T09:57:20Z'));
  expect(wallTimeOf('0000-00-00 00:00:00', 0)).toBeUndefined();
  expect(wallTimeOf(null, 0)).toBeUndefined();
});
