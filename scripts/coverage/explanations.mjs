/**
 * Every place of the measured packages that no test reaches, and why; docs/correctness/coverage.md says what each reason means.
 * An entry that explains nothing any more fails the check, so that the list never grows stale.
 *
 * @type {readonly import('./judge.mjs').Explanation[]}
 */
export const explanations = [
  { why: 'closed', code: 'return unreachable(' },
  { why: 'closed', code: 'default:' },
  { why: 'impossible', code: 'throw new InvariantError(' },
  ...inFile('packages/protocol/src/message/message-plan.ts', 'impossible', ["case 'aborting':"]),
  ...inFile('packages/protocol/src/saga/saga-plan.ts', 'impossible', ["case 'prepared':"]),
  // What a workflow answers is the text that its verdict brought.
  ...inFile('packages/protocol/src/workflow/workflow-machine.ts', 'impossible', [
    "case 'submitted':",
    "case 'aborting':",
    "typeof payload === 'string' ? payload : ''",
  ]),
  ...inFile('packages/protocol/src/saga/saga-shape.ts', 'impossible', [
    "const url = step?.[op] ?? '';",
    'order: topologicalOrder(count, definition.orders) ?? indexes,',
  ]),
  ...inFile('packages/protocol/src/transaction/answered-row.ts', 'impossible', ["result.kind === 'success' ? '' :"]),
  // What holds one of the words is a text, a list or an object.
  ...inFile('packages/protocol/src/wire/http-answer.ts', 'impossible', [
    "(typeof value !== 'object' || value === null)",
  ]),
  ...inFile('packages/coordinator/src/coordinator.ts', 'impossible', ['return outcome ?? openOutcome;']),
  ...inFile('packages/coordinator/src/outcome-waiters.ts', 'impossible', ['(other) => other !== waiter) ?? [];']),
  ...inFile('packages/coordinator/src/running-transactions.ts', 'impossible', [
    '=== run) this.#byGid.delete(run.gid);',
  ]),
  // A run that ends without an error has looked that nothing waits; a plan of calls becomes a wait at most where some are put off.
  ...inFile('packages/coordinator/src/transaction-run.ts', 'impossible', [
    "error ?? new InvariantError('the run has ended')",
    "if (plan.kind !== 'calls') break;",
  ]),
  // Whatever applies a final status notes when.
  ...inFile('packages/coordinator/src/run-reports.ts', 'impossible', ['(head.finishedAt ?? head.updatedAt)']),
  ...inFile('packages/protocol/src/message/message-shape.ts', 'index', ['definition.subscribers[topic] ?? []']),
  ...inFile('packages/protocol/src/saga/concurrent-progress.ts', 'index', [
    'shape.predecessors[index] ?? []',
    'shape.order[at] ?? 0',
    'shape.successors[index] ?? []',
    'progress[index] ?? waiting',
  ]),
  ...inFile('packages/protocol/src/saga/saga-orders.ts', 'index', ['missing[index] ?? 0', 'order[at] ?? -1']),
  ...inFile('packages/protocol/src/saga/saga-plan.ts', 'index', ['shape.order[at] ?? 0']),
  ...inFile('packages/protocol/src/saga/sequential-progress.ts', 'index', [
    'shape.actionSteps[nextAction(shape, rows)] ?? Number.MAX_SAFE_INTEGER',
    'indexes[middle] ?? 0',
  ]),
  ...inFile('packages/protocol/src/tables/render-table.ts', 'index', [
    'columns[0]?.row.events',
    'first === undefined ? [] :',
    "(events[0] ?? '')",
    "event.split(' ')[1] ?? ''",
    'lines[0] ?? []',
    'widths[at] ?? 0',
  ]),
  ...inFile('packages/protocol/src/two-phase/second-phase.ts', 'index', [
    'nextLeft[last] ?? calls.length',
    'nextLeft[at + 1] ?? calls.length',
  ]),
  ...inFile('packages/protocol/src/transaction/branch-id.ts', 'index', ['return made ?? make(index);']),
  ...inFile('packages/protocol/src/wire/base64.ts', 'index', [
    '((bytes[at] ?? 0) << 16)',
    'codes[word >> 18] ?? 0',
    'codes[(word >> 12) & 0x3f] ?? 0',
    'codes[(word >> 6) & 0x3f] ?? 0',
    'codes[word & 0x3f] ?? 0',
  ]),
  ...inFile('packages/protocol/src/wire/same-content.ts', 'index', ['one.orders[Number(key)] ?? []']),
  ...inFile('packages/protocol/src/wire/utf8.ts', 'index', ['text.codePointAt(index) ?? 0xfffd']),
  ...inFile('packages/coordinator/src/coordinator.ts', 'index', ['free[index] ?? 0']),
  // The answer to a call that could not be made is there before anybody can cancel it.
  ...inFile('packages/coordinator/src/branch-calls.ts', 'race', ['cancel: () => undefined']),
  ...inFile('packages/coordinator/src/running-transactions.ts', 'race', [
    'if (this.isQuiet) return Promise.resolve();',
  ]),
  ...inFile('packages/coordinator/src/scheduler.ts', 'race', ['if (this.#isStopped || this.#isClaiming) return;']),
];

/** @param {string} file @param {string} why @param {readonly string[]} codes */
function inFile(file, why, codes) {
  return codes.map((code) => ({ file, why, code }));
}
