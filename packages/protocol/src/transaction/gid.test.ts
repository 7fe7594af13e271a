import { expect, test } from 'vitest';
import { keptReason } from './kept-reason.js';
import { parseGid } from './gid.js';
import { branchIdOf, stepIndexOf, stepRowKey, subscriberIdOf } from './branch-id.js';

test.each(['a', "';drop table", '/:=+&%?# @"', '{"}', '\u00e4\u{1f600}', 'x'.repeat(128)])(
  'a gid comes back as given: %s',
  (gid) => {
    expect(parseGid(gid)).toBe(gid);
  },
);

test.each([undefined, null, 7, '', 'x'.repeat(129), 'a\nb', 'a\u0000', '\ud800', 'a\udc00'])(
  'a gid is refused: %j',
  (gid) => {
    expect(() => parseGid(gid)).toThrow(expect.objectContaining({ code: 'INVALID_GID' }));
  },
);

test('a reason is cut and freed of what an engine cannot hold', () => {
  expect(keptReason('a\u0000b\ud800')).toBe('a\ufffdb\ufffd');
  expect(keptReason('x'.repeat(20_000))).toHaveLength(16 * 1024);
  expect(keptReason('\u{1f600}'.repeat(8_193).slice(1)).endsWith('\ufffd')).toBe(true);
});

test('branch ids have two digits or more, and only their own spelling is read', () => {
  expect([0, 8, 9, 98, 99, 9_999].map(branchIdOf)).toEqual(['01', '09', '10', '99', '100', '10000']);
  expect(stepRowKey(99, 'compensate')).toBe('100 compensate');
  expect(subscriberIdOf(0, 11)).toBe('01-12');
  expect(['01', '100', '00', '1', '001', '1e2', 'x', '', ' 01', '01-01'].map(stepIndexOf)).toEqual([
    0, 99, -1, -1, -1, -1, -1, -1, -1, -1,
  ]);
});
