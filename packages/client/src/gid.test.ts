import { expect, test } from 'vitest';
import { newGid } from './gid.js';

test('gids are UUIDs of version 7, all different', () => {
  const gids = Array.from({ length: 1_000 }, newGid);
  expect(new Set(gids).size).toBe(1_000);
  for (const gid of gids) expect(gid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('a gid starts with the time, so that later ones sort later', () => {
  const before = Date.now();
  const made = parseInt(newGid().replaceAll('-', '').slice(0, 12), 16);
  expect(made).toBeGreaterThanOrEqual(before);
  expect(made).toBeLessThanOrEqual(Date.now());
});
