/**
 * Keeps one process for as long as its own parent lives: `node guardian.mjs FOLDER UID GID COMMAND ARGS...`
 *
 * The parent holds the other end of this process's standard input. When that closes, for whatever reason (even kill -9),
 * the process is asked to stop, killed if it does not, and FOLDER is deleted. A handler of signals in the parent could
 * not promise that. FOLDER/pid tells the parent the process's id. With GUARDIAN_KEEP_FOLDER a process that ends by itself
 * (or is killed by a test) leaves FOLDER as it is, to be started again.
 */
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const stopSignal = /** @type {NodeJS.Signals} */ (process.env['GUARDIAN_STOP_SIGNAL'] ?? 'SIGTERM');
const patienceMs = 8_000;

const [folder = '', uid = '', gid = '', command = '', ...args] = process.argv.slice(2);
const account = uid === '' ? {} : { uid: Number(uid), gid: Number(gid) };
const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'], ...account });

if (child.pid !== undefined) writeFileSync(join(folder, 'pid'), String(child.pid));

let isEnding = false;
function end() {
  if (isEnding) return;
  isEnding = true;
  child.kill(stopSignal);
  setTimeout(() => child.kill('SIGKILL'), patienceMs).unref();
}

// The terminal's Ctrl-C reaches this process too; the parent decides when it is over.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => undefined);
process.stdin.on('end', end).on('error', end).resume();

child.on('error', (error) => {
  console.error(`${command}: ${error.message}`);
  finish(127);
});
child.on('exit', (code) => finish(code ?? 1));

/** @param {number} exitCode */
function finish(exitCode) {
  if (isEnding || process.env['GUARDIAN_KEEP_FOLDER'] !== '1')
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  process.exit(exitCode);
}
