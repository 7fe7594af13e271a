import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../processes/free-port.mjs';
import { runCaptured } from '../processes/run-captured.mjs';
import { launchMariadb, mariadb } from './mariadb.mjs';
import { openWays } from './provide.mjs';
import { aptPrograms } from './ways/apt-programs.mjs';
import { debianPrograms } from './ways/debian-programs.mjs';
import { installedPrograms } from './ways/installed-programs.mjs';

/** Galera itself is a library that mariadbd loads. */
const provider = {
  ...mariadb,
  name: 'galera',
  programs: ['libgalera_smm.so'],
  usualFolders: ['/usr/lib/galera', '/usr/lib64/galera-4', '/usr/lib/galera-4', '/usr/lib64/galera'],
  debian: { packages: ['galera-4'], follow: /^$/, leaveOut: /^(mariadb-common|mysql-common|perl|adduser)/ },
};

/** The script by which a node gets its first state; see there. */
const stateTransfer = fileURLToPath(new URL('galera/wsrep_sst_increments', import.meta.url));
const nodes = 3;
const syncLimitMs = 120_000;

/** Times after which a silent node is out: tests wait for it, and a node that waits for its turn on a busy machine must not be. */
const timeouts = [
  'evs.keepalive_period=PT0.5S',
  'evs.inactive_check_period=PT0.5S',
  'evs.suspect_timeout=PT5S',
  'evs.inactive_timeout=PT10S',
];

/**
 * Three nodes on the same data. A member that was killed stays out: nobody could give it the state that it missed.
 * @type {import('./start-cluster.mjs').Cluster}
 */
export const galera = {
  name: 'galera',
  title: 'MariaDB Galera',
  urlVariable: 'TANDEM_TEST_GALERA_URL',
  of: mariadb,

  async assemble(startMember) {
    const library = await providerLibrary();
    const groupPorts = await Promise.all(Array.from({ length: nodes }, freePort));
    let meeting = '';
    const first = await startMember({
      prepare: async (place) => {
        await mariadb.prepare(place);
        meeting = meetingFolder(dirname(place.dataFolder));
        return launchNode(place, { library, groupPorts, meeting }, 0);
      },
    });
    await untilSynced(first.folder, 1);
    // Stopped in order, its data is a state that all of them can begin with.
    await first.kill('SIGTERM');
    const state = join(first.folder, 'state');
    await runCaptured('cp', ['-a', join(first.folder, 'data'), state]);
    await first.start();
    await untilSynced(first.folder, 2);
    const members = [first];
    for (let index = 1; index < nodes; index++) {
      const prepare = copying(state, (place) => launchNode(place, { library, groupPorts, meeting }, index));
      const member = await startMember({ prepare });
      await untilSynced(member.folder, 1);
      members.push(member);
    }
    return `mysql://root@${members.map(({ port }) => `127.0.0.1:${port}`).join(',')}/test`;
  },
};

async function providerLibrary() {
  /** @type {Readonly<Record<string, (wanted: typeof provider) => Promise<import('./service.mjs').Programs>>>} */
  const ways = { installed: installedPrograms, debian: debianPrograms, apt: aptPrograms };
  const reasons = [];
  for (const name of openWays()) {
    try {
      const found = await ways[name]?.(provider);
      if (found !== undefined) return join(found.folder, 'libgalera_smm.so');
    } catch (error) {
      reasons.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(`no libgalera_smm.so; ${reasons.join('; ')}`);
}

/**
 * @param {string} state a data folder to begin with
 * @param {(place: import('./service.mjs').Place) => Promise<import('./service.mjs').Launch>} launch
 * @returns {import('./service.mjs').Service['prepare']}
 */
function copying(state, launch) {
  return async (place) => {
    await runCaptured('cp', ['-a', `${state}/.`, place.dataFolder]);
    await runCaptured('rm', ['-f', join(place.dataFolder, 'galera.cache')]);
    return launch(place);
  };
}

/**
 * A folder in which the nodes meet, and with the script that they meet by: the account that they run as may not be able to
 * read the repository.
 * @param {string} parent
 */
function meetingFolder(parent) {
  const folder = join(parent, 'meeting');
  mkdirSync(folder);
  chmodSync(folder, 0o777);
  const script = join(folder, basename(stateTransfer));
  copyFileSync(stateTransfer, script);
  chmodSync(script, 0o755);
  return folder;
}

/**
 * @param {import('./service.mjs').Place} place
 * @param {{ library: string, groupPorts: readonly number[], meeting: string }} cluster with the ports of all nodes
 * @param {number} index
 * @returns {Promise<import('./service.mjs').Launch>}
 */
async function launchNode(place, { library, groupPorts, meeting }, index) {
  const { command, args, ...launch } = launchMariadb(place);
  const at = `127.0.0.1:${groupPorts[index]}`;
  const others = groupPorts.slice(0, index).map((port) => `127.0.0.1:${port}`);
  const options = [`gmcast.listen_addr=tcp://${at}`, `ist.recv_addr=127.0.0.1:${await freePort()}`, ...timeouts];
  const settings = {
    'wsrep-on': 'ON',
    'wsrep-provider': library,
    'wsrep-cluster-name': 'tandem-test',
    'wsrep-cluster-address': `gcomm://${others.join(',')}`,
    'wsrep-node-address': at,
    'wsrep-node-name': `node-${index}`,
    'wsrep-provider-options': [...options, 'gcache.size=32M'].join(';'),
    'wsrep-sst-method': 'increments',
    'wsrep-sst-receive-address': `127.0.0.1:${await freePort()}`,
    'binlog-format': 'ROW',
    'innodb-autoinc-lock-mode': '2',
  };
  const joining = index === 0 ? ['--wsrep-new-cluster'] : [];
  return {
    ...launch,
    // mariadbd looks for the script of its state transfer in PATH.
    command: '/usr/bin/env',
    args: [
      `PATH=${meeting}:${process.env['PATH'] ?? ''}`,
      `TANDEM_GALERA_MEETING=${meeting}`,
      command,
      ...args,
      ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
      ...joining,
    ],
  };
}

/** @param {string} folder of an instance @param {number} times since it began */
async function untilSynced(folder, times) {
  const deadline = Date.now() + syncLimitMs;
  const log = join(folder, 'log');
  for (;;) {
    const text = existsSync(log) ? readFileSync(log, 'utf8') : '';
    if (text.split('Synchronized with group, ready for connections').length > times) return;
    if (Date.now() > deadline) throw new Error(`a Galera node is not in its cluster: ${text.slice(-600)}`);
    await delay(50);
  }
}
