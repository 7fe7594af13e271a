/** Starts a service's programs on a free port with data in a temporary folder, under a guardian that outlives nobody. */
import { spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../processes/free-port.mjs';
import { runCaptured } from '../processes/run-captured.mjs';
import { unprivilegedAccount } from '../processes/unprivileged-account.mjs';

const guardian = fileURLToPath(new URL('../processes/guardian.mjs', import.meta.url));
const startLimitMs = 60_000;

/** @param {import('./service.mjs').Programs} programs */
function environmentFor(programs) {
  const folders = [...programs.libraryFolders, process.env['LD_LIBRARY_PATH'] ?? ''].filter((folder) => folder !== '');
  return folders.length === 0 ? process.env : { ...process.env, LD_LIBRARY_PATH: folders.join(delimiter) };
}

/**
 * A service that runs until `stop`.
 * @param {import('./service.mjs').Service} service
 * @param {import('./service.mjs').Programs} programs
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>}
 */
export async function startGuarded(service, programs) {
  const prepared = await prepareService(service, programs);
  try {
    const running = await launchGuarded(prepared);
    return { url: prepared.launch.url, stop: running.stop };
  } catch (error) {
    rmSync(prepared.folder, { recursive: true, force: true });
    throw error;
  }
}

/**
 * @typedef {object} Prepared a service whose data folder is ready
 * @property {string} folder holds the data, the log and the pid
 * @property {number} port
 * @property {import('./service.mjs').Launch} launch
 * @property {import('./service.mjs').Account | undefined} account
 * @property {NodeJS.ProcessEnv} env
 */

/**
 * @param {import('./service.mjs').Service} service
 * @param {import('./service.mjs').Programs} programs
 * @param {readonly string[]} [moreArgs] for the program, after its own
 * @returns {Promise<Prepared>}
 */
export async function prepareService(service, programs, moreArgs = []) {
  const account = service.accountName === undefined ? undefined : unprivilegedAccount(service.accountName);
  const env = environmentFor(programs);
  await checkRunnable(service, programs, account, env);
  const folder = mkdtempSync(join(tmpdir(), `tandem-${service.name}-`));
  chmodSync(folder, 0o711);
  const dataFolder = join(folder, 'data');
  mkdirSync(dataFolder);
  if (account !== undefined) chownSync(dataFolder, account.uid, account.gid);
  try {
    const port = await freePort();
    const launch = await service.prepare({ programs, dataFolder, port, account, env });
    return { folder, port, launch: { ...launch, args: [...launch.args, ...moreArgs] }, account, env };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/**
 * @param {Prepared} prepared
 * @param {{ isKept?: boolean }} [options] `isKept`: the folder stays when the process ends by itself
 */
export async function launchGuarded({ folder, port, launch, account, env }, { isKept = false } = {}) {
  const running = spawnGuarded(launch, folder, account, isKept ? { ...env, GUARDIAN_KEEP_FOLDER: '1' } : env);
  try {
    await listening(port, running);
    return running;
  } catch (error) {
    await running.stop();
    throw error;
  }
}

/**
 * @param {import('./service.mjs').Service} service
 * @param {import('./service.mjs').Programs} programs
 * @param {import('./service.mjs').Account | undefined} account
 * @param {NodeJS.ProcessEnv} env
 */
async function checkRunnable(service, programs, account, env) {
  const [program = ''] = service.programs;
  try {
    await runCaptured(join(programs.folder, program), ['--version'], { ...account, env, cwd: tmpdir() });
  } catch (error) {
    const who = account === undefined ? '' : ` as user ${account.uid} (it refuses to be root)`;
    const advice = 'if its folder is not readable for that user, set TANDEM_SERVICES_CACHE to one that is';
    throw new Error(`${program} does not run${who}; ${advice}`, { cause: error });
  }
}

/**
 * @param {import('./service.mjs').Launch} launch
 * @param {string} folder deleted when it has ended
 * @param {import('./service.mjs').Account | undefined} account
 * @param {NodeJS.ProcessEnv} env
 */
function spawnGuarded(launch, folder, account, env) {
  const log = join(folder, 'log');
  const logFile = openSync(log, 'a');
  const ids = account === undefined ? ['', ''] : [String(account.uid), String(account.gid)];
  const child = spawn(process.execPath, [guardian, folder, ...ids, launch.command, ...launch.args], {
    env: { ...env, GUARDIAN_STOP_SIGNAL: launch.stopSignal },
    stdio: ['pipe', logFile, logFile],
    // Not in the terminal's group: Ctrl-C must reach the tests first and the service last.
    detached: true,
  });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  return {
    ended,
    pid: () => Number(readFileSync(join(folder, 'pid'), 'utf8')),
    hasEnded: () => child.exitCode !== null,
    logTail: () => readFileSync(log, 'utf8').trim().slice(-600),
    stop: async () => {
      child.stdin?.end();
      await ended;
    },
  };
}

/** @param {number} port @param {ReturnType<typeof spawnGuarded>} running */
async function listening(port, running) {
  const deadline = Date.now() + startLimitMs;
  while (!(await accepts(port))) {
    if (running.hasEnded()) throw new Error(`it ended at once: ${running.logTail()}`);
    if (Date.now() > deadline)
      throw new Error(`it did not listen within ${startLimitMs / 1000} s: ${running.logTail()}`);
    await delay(50);
  }
}

/** @param {number} port @returns {Promise<boolean>} */
function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    /** @param {boolean} isOpen */
    const finish = (isOpen) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.on('connect', () => finish(true)).on('error', () => finish(false));
  });
}
