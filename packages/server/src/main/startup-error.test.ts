import { StoreError } from '@tandem/store';
import { expect, test } from 'vitest';
import { storeStartupError } from './startup-error.js';

const folder = { engine: 'sqlite', folder: './data' } as const;
const advice = '; make room on its disk, or name a folder on another disk with --data';

test('a full disk is told with what to do', () => {
  const full = new StoreError('full', 'SQLite: database or disk is full');
  expect(storeStartupError(folder, full).message).toBe(
    `the store in ./data does not open: SQLite: database or disk is full${advice}`,
  );
  const cause = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  const noFolder = new StoreError('unavailable', 'cannot create the folder', { cause });
  expect(storeStartupError(folder, noFolder).message).toBe(
    `the store in ./data does not open: cannot create the folder (ENOSPC: no space left on device)${advice}`,
  );
});

test('what is wrong otherwise is told as it is', () => {
  const broken = new StoreError('corrupt', 'SQLite: file is not a database');
  expect(storeStartupError(folder, broken).message).toBe(
    'the store in ./data does not open: SQLite: file is not a database',
  );
});
