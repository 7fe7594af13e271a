import { expect, test } from 'vitest';
import { dtmStoreEnvironment, tandemStoreEnvironment } from './server-environment.mjs';

test('a URL is told in the names that DTM reads', () => {
  expect(dtmStoreEnvironment('mysql://root:p%40ss@127.0.0.1:3307/dtm')).toEqual({
    STORE_DRIVER: 'mysql',
    STORE_HOST: '127.0.0.1',
    STORE_PORT: '3307',
    STORE_USER: 'root',
    STORE_PASSWORD: 'p@ss',
    STORE_DB: 'dtm',
  });
  expect(dtmStoreEnvironment('redis://127.0.0.1:6380')).toMatchObject({ STORE_DRIVER: 'redis', STORE_PORT: '6380' });
});

test('DTM is never given an empty password for PostgreSQL, which it would take for another setting', () => {
  expect(dtmStoreEnvironment('postgres://postgres@127.0.0.1:5433/dtm')['STORE_PASSWORD']).not.toBe('');
  expect(dtmStoreEnvironment('mysql://root@127.0.0.1:5433/dtm')['STORE_PASSWORD']).toBe('');
});

test('what DTM cannot use is refused', () => {
  expect(() => dtmStoreEnvironment('sqlite:./data')).toThrow('sqlite');
});

test('Tandem is told the URL as it is', () => {
  expect(tandemStoreEnvironment('redis://127.0.0.1:6380')).toEqual({ TANDEM_STORE: 'redis://127.0.0.1:6380' });
});
