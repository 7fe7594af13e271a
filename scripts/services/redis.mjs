import { join } from 'node:path';

/** @type {import('./service.mjs').Service} */
export const redis = {
  name: 'redis',
  title: 'Redis',
  urlVariable: 'TANDEM_TEST_REDIS_URL',
  accountName: 'redis',
  programs: ['redis-server'],
  usualFolders: ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'],
  npmPackage: undefined,
  debian: { packages: ['redis-server'], follow: /^redis-tools$/, leaveOut: /^(adduser|sysvinit|init-system)/ },
  composeName: 'redis',
  composeUrl: 'redis://127.0.0.1:63799',

  prepare: async (place) => launchRedis(place, 'redis-server'),
};

/**
 * @param {import('./service.mjs').Place} place
 * @param {string} program
 * @returns {import('./service.mjs').Launch}
 */
export function launchRedis({ programs, dataFolder, port }, program) {
  const settings = { port, bind: '127.0.0.1', dir: dataFolder, save: '', appendonly: 'no', daemonize: 'no' };
  return {
    command: join(programs.folder, program),
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
    url: `redis://127.0.0.1:${port}`,
    stopSignal: 'SIGTERM',
  };
}
