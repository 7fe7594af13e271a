import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runCaptured } from '../processes/run-captured.mjs';

/** @type {import('./service.mjs').Service} */
export const mariadb = {
  name: 'mariadb',
  title: 'MariaDB',
  urlVariable: 'TANDEM_TEST_MARIADB_URL',
  accountName: 'mysql',
  programs: ['mariadbd'],
  usualFolders: ['/usr/sbin', '/usr/local/sbin', '/usr/libexec', '/opt/homebrew/opt/mariadb/bin'],
  npmPackage: undefined,
  debian: { packages: ['mariadb-server-core'], follow: /^$/, leaveOut: /^(mariadb-common|mysql-common|perl)/ },
  composeName: 'mariadb',
  composeUrl: 'mysql://root@127.0.0.1:33069/test',

  async prepare(place) {
    const { programs, dataFolder, account, env } = place;
    const { share, settings } = settingsOf(place);
    const args = [...settings, '--bootstrap', '--silent-startup', '--skip-log-error'];
    const input = systemTables(share);
    await runCaptured(join(programs.folder, 'mariadbd'), args, { ...account, env, cwd: dataFolder, input });
    return launchMariadb(place);
  },
};

/**
 * How to start it on a data folder that is ready.
 * @param {import('./service.mjs').Place} place
 * @returns {import('./service.mjs').Launch}
 */
export function launchMariadb(place) {
  const { programs, dataFolder, port } = place;
  const here = [`--port=${port}`, '--bind-address=127.0.0.1', `--socket=${join(dataFolder, 'socket')}`];
  return {
    command: join(programs.folder, 'mariadbd'),
    args: [...settingsOf(place).settings, ...here, '--skip-name-resolve'],
    url: `mysql://root@127.0.0.1:${port}/test`,
    stopSignal: 'SIGTERM',
  };
}

/** @param {import('./service.mjs').Place} place */
function settingsOf({ programs, dataFolder }) {
  const base = dirname(programs.folder);
  const share = ['share/mysql', 'share/mariadb', 'share']
    .map((folder) => join(base, folder))
    .find((folder) => sqlPrefix(folder) !== undefined);
  if (share === undefined) throw new Error(`no mariadb_system_tables.sql below ${base}/share`);
  const settings = {
    basedir: base,
    datadir: dataFolder,
    // Its own: a server that starts deletes the temporary tables of whoever shares the folder with it.
    tmpdir: dataFolder,
    'lc-messages-dir': share,
    'character-sets-dir': join(share, 'charsets'),
    'plugin-dir': join(dataFolder, 'no-plugins'),
  };
  return {
    share,
    settings: ['--no-defaults', ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`)],
  };
}

/** What the names of its SQL files begin with, which MariaDB 11 changed; undefined: there are none. @param {string} share */
function sqlPrefix(share) {
  return ['mariadb', 'mysql'].find((prefix) => existsSync(join(share, `${prefix}_system_tables.sql`)));
}

/**
 * What mariadb-install-db feeds to a new data folder, without its help texts and time zones. That script itself needs
 * programs of other packages.
 * @param {string} share
 */
function systemTables(share) {
  const prefix = sqlPrefix(share);
  const files = ['system_tables', 'performance_tables', 'system_tables_data'].map((name) => `${prefix}_${name}.sql`);
  return [
    'CREATE DATABASE mysql;',
    'CREATE DATABASE test;',
    'USE mysql;',
    "SET @auth_root_socket = NULL, @skip_auth_anonymous = 1, @current_hostname = 'localhost';",
    ...files.map((file) => readFileSync(join(share, file), 'utf8')),
    // Tests come over TCP: root without a password, from this machine alone, since nothing else can reach the port.
    "INSERT IGNORE INTO global_priv VALUES ('127.0.0.1', 'root', '{\"access\":18446744073709551615}');",
    '',
  ].join('\n');
}
