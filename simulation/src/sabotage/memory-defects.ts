import type { Defect } from './defect.js';

const recent = 'packages/coordinator/src/recent-transactions.ts';
const run = 'packages/coordinator/src/transaction-run.ts';

/** What a node could remember wrongly: states that never became durable. */
export const memoryDefects: readonly Defect[] = [
  {
    name: 'remembered-after-taken',
    what: 'what a node remembers stays there while a run changes it, and is handed to the next run as well',
    file: recent,
    find: '    const entry = this.#fresh(gid);\n    this.forget(gid);\n    return entry;',
    replace: '    return this.#fresh(gid);',
  },
  {
    name: 'undurable-remembered',
    what: 'a change that could not be written is remembered as if it had been',
    file: run,
    find: '        rejectAll(commit.deliveries, error);\n        this.#end(error);',
    replace:
      "        rejectAll(commit.deliveries, error);\n        this.#end(error);\n        if (subject.tx.head.status === 'prepared') this.#context.recent.remember({ tx: subject.tx, durable: subject.durable }, undefined);",
  },
  {
    name: 'conflict-goes-on-from-memory',
    what: 'after a conflict the version is read anew, and the state that never became durable is kept',
    file: run,
    find: 'return this.#take(readTransaction(stored), { version, epoch, dueAt, leaseUntil, isHeld });',
    replace:
      'return this.#take(this.#subject?.tx ?? readTransaction(stored), { version, epoch, dueAt, leaseUntil, isHeld });',
  },
];
