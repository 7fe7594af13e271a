import { expect, test } from 'vitest';
import { allSettings } from './all-settings.js';
import { configReference, flagsHelp } from './config-reference.js';

test('docs/configuration.md is what the table of settings says', async () => {
  await expect(configReference()).toMatchFileSnapshot('../../../../docs/configuration.md');
});

test('every setting has names of its own in every source', () => {
  for (const name of ['path', 'environment', 'flag'] as const) {
    expect(new Set(allSettings.map((setting) => setting[name])).size).toBe(allSettings.length);
  }
});

test('the help names every flag and tells what it means, in 100 columns', () => {
  const help = flagsHelp();
  const inOneLine = help.replaceAll(/\s+/g, ' ');
  for (const { flag, description, ignoredBecause } of allSettings) {
    if (ignoredBecause !== undefined) continue;
    expect(help).toContain(`--${flag} VALUE`);
    expect(inOneLine).toContain(description.replaceAll('`', ''));
  }
  for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
});

test("the names in the environment are DTM's", () => {
  const names = new Map(allSettings.map(({ path, environment }) => [path, environment]));
  expect(names.get('HttpPort')).toBe('HTTP_PORT');
  expect(names.get('JsonRpcPort')).toBe('JSON_RPC_PORT');
  expect(names.get('Store.Driver')).toBe('STORE_DRIVER');
  expect(names.get('Store.ConnMaxLifeTime')).toBe('STORE_CONN_MAX_LIFE_TIME');
  expect(names.get('TransCronInterval')).toBe('TRANS_CRON_INTERVAL');
  expect(names.get('AlertWebHook')).toBe('ALERT_WEB_HOOK');
  expect(names.get('MicroService.EndPoint')).toBe('MICRO_SERVICE_END_POINT');
  expect(names.get('Log.RotationConfigJSON')).toBe('LOG_ROTATION_CONFIG_JSON');
});
