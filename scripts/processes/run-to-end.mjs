/**
 * Runs one command in the foreground, in a process group of its own, and makes sure that nothing of it stays behind.
 *
 * R1. SIGINT, SIGTERM and SIGHUP of this process reach the whole group, not only its first process.
 * R2. What is left of the group when its first process has ended is killed, however it ended.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** @type {readonly NodeJS.Signals[]} */
const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** How long a group may take to end by itself after it was asked to. */
const patienceMs = 10_000;

/** @param {number} groupId @param {NodeJS.Signals} signal */
export function signalGroup(groupId, signal) {
  try {
    process.kill(-groupId, signal);
  } catch {
    // The group has ended.
  }
}

/**
 * Answers the exit code; 128 plus the signal's number where a signal ended it, 127 where it could not be started.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, stdout?: 'inherit' | 'stderr' }} [options]
 * @returns {Promise<number>}
 */
export function runToEnd(command, args, options = {}) {
  const isGroup = process.platform !== 'win32';
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['inherit', options.stdout === 'stderr' ? 2 : 'inherit', 'inherit'],
    detached: isGroup,
  });
  return new Promise((resolve) => {
    /** @type {NodeJS.Timeout | undefined} */
    let deadline;
    /** @param {NodeJS.Signals} signal */
    const forward = (signal) => {
      if (child.pid === undefined) return;
      const groupId = child.pid;
      signalGroup(groupId, signal);
      deadline ??= setTimeout(() => signalGroup(groupId, 'SIGKILL'), patienceMs);
    };
    for (const signal of forwarded) process.on(signal, forward);
    /** @param {number} exitCode */
    const finish = (exitCode) => {
      for (const signal of forwarded) process.off(signal, forward);
      clearTimeout(deadline);
      if (isGroup && child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
      resolve(exitCode);
    };
    child.on('error', (error) => {
      console.error(`${command}: ${error.message}`);
      finish(127);
    });
    child.on('exit', (code, signal) => finish(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}
