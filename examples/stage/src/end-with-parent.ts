// Loaded into every process of the demonstration before its own script. Whoever started it holds its standard input: when
// that closes, however the parent ended, this process ends too. (Node loads it into worker threads as well.)
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  process.stdin.on('end', () => process.exit(1)).resume();
  process.stdin.unref();
}
