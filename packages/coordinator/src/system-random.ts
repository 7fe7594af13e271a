import { randomBytes } from 'node:crypto';
import type { Random } from './ports.js';

/** Randomness from the operating system. */
export const systemRandom: Random = {
  hex: (bytes) => randomBytes(bytes).toString('hex'),
};
