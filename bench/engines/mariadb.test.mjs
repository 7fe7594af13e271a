import { expect, test } from 'vitest';
import { countersOf } from './mariadb.mjs';

test('the status of the engine is read by name, and what it does not tell is no number', () => {
  const status = [
    { Variable_name: 'Questions', Value: '41' },
    { Variable_name: 'Com_commit', Value: '7' },
    { Variable_name: 'Innodb_os_log_written', Value: '4096' },
  ];
  expect(countersOf(status)).toMatchObject({ statements: 41, commits: 7, logBytes: 4096, bytesIn: Number.NaN });
});
