import { backlogScript } from './backlog-script.js';
import { claimScript, peekScript } from './claim-scripts.js';
import { deleteKeyValueScript, putKeyValueScript, scanKeyValuesScript } from './key-value-scripts.js';
import { listScript } from './list-script.js';
import { purgeScript } from './purge-script.js';
import type { Script } from './script.js';
import { wakeAllScript, wakeTargetScript } from './wake-scripts.js';
import { writeScript } from './write-script.js';

/** All that a node must know. */
export const scripts: readonly Script[] = [
  writeScript,
  peekScript,
  claimScript,
  wakeTargetScript,
  wakeAllScript,
  listScript,
  purgeScript,
  backlogScript,
  putKeyValueScript,
  deleteKeyValueScript,
  scanKeyValuesScript,
];
