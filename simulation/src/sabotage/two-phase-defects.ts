import type { Defect } from './defect.js';

const reactions = 'packages/protocol/src/two-phase/two-phase-reactions.ts';
const plan = 'packages/protocol/src/two-phase/two-phase-plan.ts';
const phase = 'packages/protocol/src/two-phase/second-phase.ts';
const run = 'packages/coordinator/src/transaction-run.ts';

/** What TCC or XA could do wrong. */
export const twoPhaseDefects: readonly Defect[] = [
  {
    name: 'submit-after-abort',
    what: 'what is being cancelled can still be submitted, and is confirmed',
    file: reactions,
    find: "    case 'aborting':\n    case 'failed':\n      return wrongStatus(tx, 'submitted');",
    replace:
      "    case 'aborting':\n      return changed({ status: 'submitted', state: { submittedAt: now } });\n    case 'failed':\n      return wrongStatus(tx, 'submitted');",
  },
  {
    name: 'abort-after-decision',
    what: 'what is being confirmed can still be aborted',
    file: reactions,
    find: "    case 'submitted':\n    case 'succeed':\n      return wrongStatus(tx, 'aborted');",
    replace:
      "    case 'submitted':\n      return changed({ status: 'aborting', state: { reason: 'late' } });\n    case 'succeed':\n      return wrongStatus(tx, 'aborted');",
  },
  {
    name: 'registered-after-decision',
    what: 'a branch can be registered after the decision, in which it has no part',
    file: reactions,
    find: "if (tx.head.status !== 'prepared' || (deadline !== undefined && now >= deadline)) return tooLate(tx);",
    replace: "if (tx.head.status === 'prepared' && deadline !== undefined && now >= deadline) return tooLate(tx);",
  },
  {
    name: 'late-repeat-registered',
    what: 'a repeated registration is told success after the decision',
    file: reactions,
    find: "if (tx.head.status !== 'prepared' || (deadline !== undefined && now >= deadline)) return tooLate(tx);",
    replace:
      "if (tx.head.status !== 'prepared') return tx.rows.has(rowKey(registration.branchId, kind.registeredOp)) ? unchanged : tooLate(tx);\n  void deadline;",
  },
  {
    name: 'time-limit-beats-submit',
    what: 'the time limit cancels what was submitted before',
    file: plan,
    find: '      return isPaused ? paused : planDecided(kind, tx, now, situation);',
    replace:
      "      if (status === 'submitted' && now >= (deadlineOf(tx, situation) ?? Infinity)) return { kind: 'mutate', mutation: timedOut(tx, situation) };\n      return isPaused ? paused : planDecided(kind, tx, now, situation);",
  },
  {
    name: 'time-limit-forgotten',
    what: 'what its caller never decides waits for ever',
    file: plan,
    find: 'if (deadline === undefined) return',
    replace: 'if (deadline === undefined || now >= deadline) return',
  },
  {
    name: 'other-side-called',
    what: 'submit cancels and abort confirms',
    file: phase,
    find: "const op = head.status === 'submitted' ? kind.forwardOp : kind.backOp;",
    replace: "const op = head.status === 'submitted' ? kind.backOp : kind.forwardOp;",
  },
  {
    name: 'nested-order-ignored',
    what: 'a branch is confirmed although one that is nested in it is not',
    file: phase,
    find: '    if (!isDone(rows, key)) return false;\n',
    replace: '',
  },
  {
    name: 'phase-order-turned',
    what: 'TCC goes forwards and XA backwards',
    file: phase,
    find: 'kind.isBackwards ? [...registered].reverse() : registered',
    replace: 'kind.isBackwards ? registered : [...registered].reverse()',
  },
  {
    name: 'pause-ignored-when-decided',
    what: 'what is decided is called although it is paused',
    file: plan,
    find: '      return isPaused ? paused : planDecided(kind, tx, now, situation);',
    replace: '      return planDecided(kind, tx, now, situation);',
  },
  {
    name: 'all-branches-at-once',
    what: 'the second phase calls all branches at once',
    file: plan,
    find: '      due.add(next);\n      break;',
    replace: '      due.add(next);',
  },
  {
    name: 'backing-off-blocks-all',
    what: 'a branch that backs off keeps those behind it from being called',
    file: plan,
    find: '    if (dueAt > now) due.wake(dueAt, next.call.url);\n    else if',
    replace: '    if (dueAt > now) {\n      due.wake(dueAt, next.call.url);\n      break;\n    } else if',
  },
  {
    name: 'down-target-blocks-all',
    what: 'a branch whose target is down keeps those behind it from being called',
    file: plan,
    find: 'else if (isPutOff?.(next.call.url) === true) due.wake(Infinity, next.call.url);',
    replace:
      'else if (isPutOff?.(next.call.url) === true) {\n      due.wake(Infinity, next.call.url);\n      break;\n    }',
  },
  {
    name: 'failing-branch-given-up',
    what: 'it ends although a branch has only given unclear answers',
    file: plan,
    find: '    isAnyLeft = true;\n',
    replace: '    if ((rows.get(next.key)?.attempts ?? 0) === 0) isAnyLeft = true;\n',
  },
  {
    name: 'unclear-taken-for-done',
    what: 'an unclear answer of the second phase counts as a success',
    file: reactions,
    find: "    case 'failure':\n    case 'unknown':\n      return unclear(answer, result.reason, policy);",
    replace:
      "    case 'failure':\n      return unclear(answer, result.reason, policy);\n    case 'unknown':\n      return changed({ rows: [finalRow({ ...answer, result: { kind: 'success' } })] });",
  },
  {
    name: 'xa-sent-payload',
    what: 'the second phase of XA is sent what was registered as data',
    file: phase,
    find: "payload: kind.type === 'xa' ? '' : payload,",
    replace: 'payload,',
  },
  {
    name: 'tcc-payload-lost',
    what: 'confirm and cancel are sent nothing',
    file: phase,
    find: "payload: kind.type === 'xa' ? '' : payload,",
    replace: "payload: payload === '' ? payload : '',",
  },
  {
    name: 'recent-taken-for-stored',
    what: 'what a node remembers of a transaction is answered from, without a look at what is stored',
    file: run,
    find: '        this.#take(recent.tx, recent.durable);\n',
    replace:
      '        for (const arrived of this.#inbox) arrived.isConfirmed = true;\n        this.#take(recent.tx, recent.durable);\n',
  },
];
