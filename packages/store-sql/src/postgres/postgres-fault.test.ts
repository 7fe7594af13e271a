import { expect, it } from 'vitest';
import { isConnectionSpoiled, postgresFaults } from './postgres-fault.js';

it.each([
  ['26000', 'prepared statement "tandem_1" does not exist'],
  ['42P05', 'prepared statement "tandem_1" already exists'],
])('a pooler that mixes up prepared statements (%s) is named, and its connection not used again', (code, message) => {
  const error = Object.assign(new Error(message), { code });
  expect(postgresFaults.storeError(error)).toMatchObject({
    kind: 'unavailable',
    message: `PostgreSQL: ${message}; a pooler does not keep prepared statements: let it, or add prepared_statements=false to the URL`,
  });
  expect(isConnectionSpoiled(error)).toBe(true);
});
