import { expect, test } from 'vitest';
import { isDefect } from './read-log.js';

test.each([
  ['{"level":"warn","msg":"the store failed"}', false],
  ['{"level":"error","msg":"defect"}', true],
  ['{"level":"fatal","msg":"the store has ended"}', true],
  ['tandem is ready at http://127.0.0.1:1', false],
  ['tandem: the store in /data does not open: SQLite: disk I/O error', false],
  ['tandem: the data folder /data is in use by another process', true],
  ['    at Object.<anonymous> (file.js:1:1)', true],
  ['{"level":"info","ms', false],
  ['', false],
])('%s: a defect? %s', (line, expected) => {
  expect(isDefect(line)).toBe(expected);
});
