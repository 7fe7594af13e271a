import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { runToEnd } from '../processes/run-to-end.mjs';
import { root } from './root.mjs';

/** npm needs a writable cache; service accounts often have a home folder that does not exist. */
function npmEnvironment() {
  try {
    accessSync(homedir(), constants.W_OK);
    return process.env;
  } catch {
    return { ...process.env, npm_config_cache: join(root, '.cache', 'npm') };
  }
}

/**
 * Runs npm (the one that runs this script, if one does) in the repository; answers its exit code.
 * @param {readonly string[]} args
 * @param {{ stdout?: 'inherit' | 'stderr' }} [options]
 */
export async function runNpm(args, options = {}) {
  const running = process.env['npm_execpath'];
  const found = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const [command, leading] = running === undefined ? [found, []] : [process.execPath, [running]];
  return runToEnd(command, [...leading, ...args], { cwd: root, env: npmEnvironment(), ...options });
}
