import { launchRedis, redis } from './redis.mjs';

/**
 * Redis' twin, by the same settings.
 * @type {import('./service.mjs').Service}
 */
export const valkey = {
  ...redis,
  name: 'valkey',
  title: 'Valkey',
  urlVariable: 'TANDEM_TEST_VALKEY_URL',
  programs: ['valkey-server'],
  debian: {
    packages: ['valkey-server'],
    suite: 'trixie',
    follow: /^valkey-tools$/,
    leaveOut: /^(adduser|debconf|passwd|perl)/,
  },
  composeName: 'valkey',
  composeUrl: 'redis://127.0.0.1:63809',

  prepare: async (place) => launchRedis(place, 'valkey-server'),
};
