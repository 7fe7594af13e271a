import { spawn } from 'node:child_process';

/**
 * Runs a command and answers what it wrote; throws with the end of it when the command fails.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, uid?: number, gid?: number, input?: string }} [options]
 *   `input`: its standard input; without it, none
 * @returns {Promise<string>} standard output
 */
export function runCaptured(command, args, { input, ...options } = {}) {
  const child = spawn(command, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
  // A command that ends before it has read all says why by its exit code.
  child.stdin.on('error', () => undefined).end(input);
  let stdout = '';
  let all = '';
  child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
    stdout += text;
    all += text;
  });
  child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => (all += text));
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Error(`${command}: ${error.message}`)));
    child.on('close', (code) => {
      if (code === 0) resolve(stdout);
      else reject(new Error(`${command} failed with exit code ${code}: ${all.trim().slice(-600)}`));
    });
  });
}
