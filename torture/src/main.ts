/**
 * The process that does the run. Its standard input is held by whoever asked for it: when that closes, or on SIGINT or
 * SIGTERM, the faults stop, everything is ended and the exit code is 130. 0: all promises were kept; 1: not so.
 */
import { setMaxListeners } from 'node:events';
import { readOptions } from './options.js';
import { Torture } from './torture.js';

const stop = new AbortController();
// Everything that waits listens to it.
setMaxListeners(0, stop.signal);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
process.stdin.on('end', () => stop.abort()).resume();
process.stdin.unref();

const torture = new Torture(readOptions(process.argv[2] ?? '{}'), stop.signal);
try {
  const isRight = await torture.run();
  process.exitCode = isRight ? 0 : 1;
} catch (error) {
  if (!stop.signal.aborted) console.error('torture:', error);
  process.exitCode = 1;
} finally {
  await torture.close();
  if (stop.signal.aborted) process.exitCode = 130;
  process.exit();
}
