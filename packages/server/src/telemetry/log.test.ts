import { expect, test } from 'vitest';
import { configOf } from '../config/resolve-config.js';
import { openLog } from './log.js';
import { shownConfig } from './shown-config.js';
import { shownUrl } from './shown-url.js';

test('what must stay secret does not reach the log, however deep it is', () => {
  let lines = '';
  const log = openLog('debug', { write: (line) => void (lines += line) });
  log.info(
    { password: 'hunter2', call: { headers: { authorization: 'hunter2' }, payload: 'hunter2', gid: 'g1' } },
    'x',
  );
  log.info({ request: { call: { branchHeaders: { token: 'hunter2' } } } }, 'x');
  expect(lines).not.toContain('hunter2');
  expect(lines).toContain('"gid":"g1"');
  expect(lines).toContain('[redacted]');
});

test('a URL is logged without user, password and query', () => {
  expect(shownUrl('http://user:hunter2@host:80/path?token=hunter2#x')).toBe('http://host/path');
  expect(shownUrl('grpc://host:80/busi.Busi/In')).toBe('grpc://host:80/busi.Busi/In');
  expect(shownUrl('localhost:80/busi.Busi/In')).toBe('localhost:80/busi.Busi/In');
  expect(shownUrl('[::1]:80,host/busi.Busi/In')).toBe('[::1]:80,host/busi.Busi/In');
  expect(shownUrl('user:hunter2@host:80/busi.Busi/In')).not.toContain('hunter2');
  expect(shownUrl('hunter2')).toBe('[not a URL]');
});

test('the configuration is logged as far as it differs from the defaults, without secrets', () => {
  const config = configOf({ alertWebHook: 'http://host/?token=hunter2', retryIntervalMs: 1_500 });
  expect(shownConfig(config)).toEqual({ AlertWebHook: '[redacted]', RetryInterval: '1.5' });
});
