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

  async prepare({ programs, dataFolder, port, account, env }) {
    const mariadbd = join(programs.folder, 'mariadbd');
    const base = dirname(programs.folder);
    const share = [join(base, 'share', 'mysql'), join(base, 'share', 'mariadb')].find((folder) =>
      existsSync(join(folder, 'mysql_system_tables.sql')),
    );
    if (share === undefined) throw new Error(`no mysql_system_tables.sql below ${base}/share`);
    const settings = {
      basedir: base,
      datadir: dataFolder,
      'lc-messages-dir': share,
      'character-sets-dir': join(share, 'charsets'),
      'plugin-dir': join(dataFolder, 'no-plugins'),
    };
    const common = ['--no-defaults', ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`)];
    await runCaptured(mariadbd, [...common, '--bootstrap', '--silent-startup', '--skip-log-error'], {
      ...account,
      env,
      cwd: dataFolder,
      input: systemTables(share),
    });
    const here = [`--port=${port}`, '--bind-address=127.0.0.1', `--socket=${join(dataFolder, 'socket')}`];
    return {
      command: mariadbd,
      args: [...common, ...here, '--skip-name-resolve'],
      url: `mysql://root@127.0.0.1:${port}/test`,
      stopSignal: 'SIGTERM',
    };
  },
};

/**
 * What mariadb-install-db feeds to a new data folder, without its help texts and time zones. That script itself needs
 * programs of other packages.
 * @param {string} share
 */
function systemTables(share) {
  const files = ['mysql_system_tables.sql', 'mysql_performance_tables.sql', 'mysql_system_tables_data.sql'];
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
