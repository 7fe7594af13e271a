import { randomFillSync } from 'node:crypto';
import type { Random } from './ports.js';

/** Asking the operating system for a few bytes costs microseconds each time; a pool makes that rare. */
const pool = Buffer.alloc(4096);
let used = pool.length;

/** Randomness from the operating system. */
export const systemRandom: Random = {
  hex(bytes) {
    if (used + bytes > pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += bytes;
    return pool.toString('hex', used - bytes, used);
  },
};
