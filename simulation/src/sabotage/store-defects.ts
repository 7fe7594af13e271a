import type { Defect } from './defect.js';

const memory = 'packages/store/src/memory-store.ts';
const group = 'packages/store/src/group-commit.ts';

/** What a store, or the batching before it, could do wrong. */
export const storeDefects: readonly Defect[] = [
  {
    name: 'commit-without-comparing',
    what: 'a commit is applied whatever version it expects',
    file: memory,
    find: "if (head.version !== item.expectedVersion) return { kind: 'conflict' };",
    replace: '',
  },
  {
    name: 'conflict-called-applied',
    what: 'the token is not checked: every conflict reads as a write of the same caller that was applied before',
    file: memory,
    find: "if (head.version !== item.expectedVersion) return { kind: 'conflict' };",
    replace: 'if (head.version !== item.expectedVersion) return applied(entry);',
  },
  {
    name: 'exists-called-created',
    what: 'a create whose gid exists reads as created',
    file: memory,
    find: "return stored.token === item.token ? applied(stored) : { kind: 'exists' };",
    replace: 'return applied(stored);',
  },
  {
    name: 'claim-ignores-lease',
    what: 'what is due is claimed although another node holds its lease',
    file: memory,
    find: 'claimableAt(entry.head, entry.head.leaseUntil) ?? Infinity',
    replace: 'claimableAt(entry.head, 0) ?? Infinity',
  },
  {
    name: 'due-overwritten-by-lease',
    what: 'a claim writes the end of its lease over the due time',
    file: memory,
    find: '        leaseOwner: request.owner,\n        leaseUntil: request.leaseUntil,',
    replace:
      '        leaseOwner: request.owner,\n        leaseUntil: request.leaseUntil,\n        dueAt: request.leaseUntil + 100_000_000,',
  },
  {
    name: 'rows-left-out',
    what: 'an outcome is dropped: a commit changes the head and forgets its rows',
    file: memory,
    find: '      ...leaseAfter(head, item.lease),\n    });\n    putRows(entry, item.rows);',
    replace: '      ...leaseAfter(head, item.lease),\n    });',
  },
  {
    name: 'release-keeps-lease',
    what: 'a released lease stays with its owner until it ends, and every commit extends it',
    file: memory,
    find: "return { leaseOwner: '', leaseUntil: 0 };",
    replace: 'return { leaseOwner: head.leaseOwner, leaseUntil: head.leaseUntil + 100_000_000 };',
  },
  {
    name: 'purge-too-early',
    what: 'finished transactions are purged at once, whatever the retention',
    file: memory,
    find: 'head.finishedAt !== undefined && head.finishedAt < finishedBefore,',
    replace: 'head.finishedAt !== undefined,',
  },
  {
    name: 'purge-unfinished',
    what: 'the purge goes by the creation and takes what is unfinished too',
    file: memory,
    find: 'head.finishedAt !== undefined && head.finishedAt < finishedBefore,',
    replace: 'head.createdAt < finishedBefore,',
  },
  {
    name: 'fault-loses-batch',
    what: 'after a fault of the store the batch is neither repeated nor answered',
    file: group,
    find: '    this.#ready = [...again, ...this.#ready];',
    replace: '    for (const pending of again) this.#settle(pending);',
  },
  {
    name: 'fault-called-applied',
    what: 'a fault of the store is taken for a success',
    file: group,
    find: '      pending.reject(error);\n    }\n    this.#events.storeFault',
    replace: "      pending.resolve({ kind: 'applied', version: 1, epoch: 1 });\n    }\n    this.#events.storeFault",
  },
  {
    name: 'results-shifted',
    what: 'the results of a batch go to the wrong writes',
    file: group,
    find: 'const result = results[index];',
    replace: 'const result = results[(index + 1) % results.length];',
  },
  {
    name: 'batcher-sleeps-after-fault',
    what: 'after a fault nothing is flushed again until a new write comes',
    file: group,
    find: '      this.#cancelBackOff = undefined;\n      this.#planFlush();\n    });\n  }\n\n  #endBackOff',
    replace: '      this.#cancelBackOff = undefined;\n    });\n  }\n\n  #endBackOff',
  },
];
