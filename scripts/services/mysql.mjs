import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runCaptured } from '../processes/run-captured.mjs';

/**
 * Oracle's own. Debian's stable releases have MariaDB in its place, unstable has both.
 * @type {import('./service.mjs').Service}
 */
export const mysql = {
  name: 'mysql',
  title: 'MySQL',
  urlVariable: 'TANDEM_TEST_MYSQL_URL',
  // Unpacked, it may lie where another account cannot read; and it may be told to be root.
  accountName: undefined,
  programs: ['mysqld'],
  // MariaDB has its own under this name.
  notBeside: ['mariadbd'],
  usualFolders: ['/usr/sbin', '/usr/local/mysql/bin', '/usr/libexec', '/opt/homebrew/opt/mysql/bin'],
  npmPackage: undefined,
  debian: {
    packages: ['mysql-server-core'],
    suite: 'unstable',
    follow: /^$/,
    leaveOut: /^(perl|libperl|mysql-common|mecab|debconf|tzdata)/,
  },
  composeName: 'mysql',
  composeUrl: 'mysql://root@127.0.0.1:33079/test',

  async prepare({ programs, dataFolder, port, env }) {
    const command = join(programs.folder, 'mysqld');
    const settings = settingsOf(programs, dataFolder);
    const initFile = join(dataFolder, 'init.sql');
    writeFileSync(initFile, firstStatements);
    mkdirSync(join(dataFolder, 'tmp'));
    // What is not synced here is synced when it is shut down, as it is at the end.
    const quick = ['--innodb-flush-method=nosync', '--innodb-doublewrite=OFF', '--skip-log-bin'];
    const args = [...settings, '--initialize-insecure', `--init-file=${initFile}`, ...quick];
    await runCaptured(command, args, { env, cwd: dataFolder });
    const here = [`--port=${port}`, '--bind-address=127.0.0.1', `--socket=${join(dataFolder, 'socket')}`];
    return {
      command,
      // Its protocol of documents would listen on a port of its own.
      args: [...settings, ...here, '--skip-name-resolve', '--mysqlx=OFF'],
      url: `mysql://root@127.0.0.1:${port}/test`,
      stopSignal: 'SIGTERM',
    };
  },
};

/** Tests come over TCP: root without a password, from this machine alone, since nothing else can reach the port. */
const firstStatements = [
  'CREATE DATABASE test;',
  "CREATE USER root@'127.0.0.1';",
  "GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;",
  '',
].join('\n');

/** @param {import('./service.mjs').Programs} programs @param {string} dataFolder */
function settingsOf(programs, dataFolder) {
  const base = dirname(programs.folder);
  const share = [join(base, 'share', 'mysql'), join(base, 'share')].find((folder) =>
    existsSync(join(folder, 'charsets')),
  );
  const settings = {
    basedir: base,
    datadir: join(dataFolder, 'data'),
    tmpdir: join(dataFolder, 'tmp'),
    // Built in is a folder that only an installed package has.
    'secure-file-priv': 'NULL',
    ...(share === undefined ? {} : { 'lc-messages-dir': share, 'character-sets-dir': join(share, 'charsets') }),
  };
  const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];
  return ['--no-defaults', ...asRoot, ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`)];
}
