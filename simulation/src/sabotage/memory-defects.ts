import type { Defect } from './defect.js';

const recent = 'packages/coordinator/src/recent-transactions.ts';
const known = 'packages/coordinator/src/known-transaction.ts';

/** What a node could remember wrongly: a state that never became durable. */
export const memoryDefects: readonly Defect[] = [
  {
    name: 'remembered-after-taken',
    what: 'what a node remembers stays there while a run changes it, and is handed to the next run as well',
    file: recent,
    find: '    const entry = this.#fresh(gid);\n    this.forget(gid);\n    return entry;',
    replace: '    return this.#fresh(gid);',
  },
  {
    name: 'conflict-goes-on-from-memory',
    what: 'after a conflict the version is read anew, and the state that never became durable is kept',
    file: known,
    find: 'return this.take(readTransaction(stored), { version, epoch, dueAt, leaseUntil, isHeld });',
    replace:
      'return this.take(this.#subject?.tx ?? readTransaction(stored), { version, epoch, dueAt, leaseUntil, isHeld });',
  },
];
