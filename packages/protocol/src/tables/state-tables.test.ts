import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { searchedTypes } from '../../test/exhaustive/searched-types.js';
import { withTable } from './render-table.js';

// That a table says what its machine does is what the exhaustive search in test/exhaustive shows.
test.each(Object.entries(searchedTypes))('the table of a %s is the one in the documentation', (_, type) => {
  const path = new URL(`../../../../docs/protocol/${type.document}.md`, import.meta.url);
  const document = readFileSync(path, 'utf8');
  expect(document).toBe(withTable(document, type.table));
});

test('a document without a place for its table is refused', () => {
  expect(() => withTable('# No place', searchedTypes.saga.table)).toThrow('no place for its table');
});
