import type { Defect } from './defect.js';

const sagaPlan = 'packages/protocol/src/saga/saga-plan.ts';
const sagaReactions = 'packages/protocol/src/saga/saga-reactions.ts';
const sequential = 'packages/protocol/src/saga/sequential-progress.ts';
const concurrent = 'packages/protocol/src/saga/concurrent-progress.ts';
const messagePlan = 'packages/protocol/src/message/message-plan.ts';
const messageReactions = 'packages/protocol/src/message/message-reactions.ts';
const answeredRow = 'packages/protocol/src/transaction/answered-row.ts';
const apply = 'packages/protocol/src/transaction/apply-mutation.ts';
const operators = 'packages/protocol/src/transaction/operator-events.ts';
const barrier = 'packages/protocol/src/barrier/branch-barrier.ts';
const backCheck = 'packages/protocol/src/barrier/message-barrier.ts';

/** What a machine, or the barrier, could decide wrongly. */
export const protocolDefects: readonly Defect[] = [
  {
    name: 'barrier-skipped',
    what: 'the barrier lets every call through',
    file: barrier,
    find: "  if (added.current === 0) return op === messageOp ? { kind: 'duplicated' } : { kind: 'skip', why: 'repeated' };",
    replace: '',
  },
  {
    name: 'empty-compensation-runs',
    what: 'a compensation runs although its action never did',
    file: barrier,
    find: "  if (added.origin > 0) return { kind: 'skip', why: 'empty' };",
    replace: '',
  },
  {
    name: 'origin-not-blocked',
    what: 'a compensation does not keep its late action out',
    file: barrier,
    find: 'return { origin: originOp === undefined ? undefined : { ...common, op: originOp }, current: { ...common, op } };',
    replace: 'return { origin: originOp === undefined ? undefined : undefined, current: { ...common, op } };',
  },
  {
    name: 'back-check-does-not-bar',
    what: 'a back-check that finds nothing says so without barring the local transaction',
    file: backCheck,
    find: "  return { ...messageCall(gid), barrierId: '01', reason: rolledBack };",
    replace: "  return { ...messageCall(gid), barrierId: '77', reason: rolledBack };",
  },
  {
    name: 'late-answer-accepted',
    what: 'an answer counts in whatever status the saga is',
    file: sagaReactions,
    find: 'return isCalled(tx, event) ? answered(',
    replace: "return isCalled(tx, event) || event.op !== 'msg' ? answered(",
  },
  {
    name: 'refusal-not-recorded',
    what: 'a refused step is called again instead of rolling back',
    file: sagaReactions,
    find: "return key.op === 'action' ? refused(answer, result.reason) : unclear(answer, result.reason, defaults);",
    replace: 'return unclear(answer, result.reason, defaults);',
  },
  {
    name: 'refused-step-not-compensated',
    what: 'only steps whose success is durable are compensated',
    file: sequential,
    find: '  const count = countUpTo(shape.compensateSteps, reached);',
    replace: '  const count = countUpTo(shape.compensateSteps, reached - 1);',
  },
  {
    name: 'next-step-too-early',
    what: 'a step starts although the one before it has not succeeded',
    file: sagaPlan,
    find: '    if (next !== undefined) due.add(next);\n    return next !== undefined;\n  }\n  const progress = actionProgress',
    replace:
      '    if (next !== undefined) due.add(next);\n    const after = shape.actions[nextAction(shape, tx.rows) + 1];\n    if (after !== undefined) due.add(after);\n    return next !== undefined;\n  }\n  const progress = actionProgress',
  },
  {
    name: 'orders-ignored',
    what: 'a concurrent saga starts all its steps at once, whatever its orders say',
    file: concurrent,
    find: '    if (!areDone(progress, shape.predecessors[index] ?? [])) continue;',
    replace: '',
  },
  {
    name: 'failed-without-compensation',
    what: 'a saga that rolls back ends at once',
    file: sagaPlan,
    find: 'return addCompensations(shape, tx, due) ? due.plan() : failed;',
    replace: 'return addCompensations(shape, tx, due) && tx.rows.size > 100 ? due.plan() : failed;',
  },
  {
    name: 'undecided-message-sent',
    what: 'a message is sent without waiting for its decision',
    file: messagePlan,
    find: '      return planBackCheck(tx, shape, now, defaults);',
    replace:
      '      return defaults.checkIntervalMs < 0 ? planBackCheck(tx, shape, now, defaults) : planDeliveries(tx, shape, now);',
  },
  {
    name: 'refused-check-submits',
    what: 'a back-check that says no submits the message',
    file: messageReactions,
    find: "return key.op === 'msg' ? refused(answer, result.reason) : unclear(answer, result.reason, defaults);",
    replace:
      "return key.op === 'msg' ? changed({ ...submitted(tx, 0, now), rows: [finalRow(answer)] }) : refused(answer, result.reason);",
  },
  {
    name: 'abort-after-submit',
    what: 'a submitted message can still be aborted',
    file: messageReactions,
    find: "    case 'submitted':\n    case 'succeed':\n    case 'aborting':\n      return wrongStatus(tx, 'aborted');",
    replace:
      "    case 'submitted':\n      return changed({ status: 'failed', state: { reason: keptReason(reason) } });\n    case 'succeed':\n    case 'aborting':\n      return wrongStatus(tx, 'aborted');",
  },
  {
    name: 'back-off-lost',
    what: 'an unclear answer is called again at once',
    file: answeredRow,
    find: 'return waitingRow(answer, attempts, now + wait);',
    replace: 'return waitingRow(answer, attempts, now + wait * 0);',
  },
  {
    name: 'ended-changes-again',
    what: 'a finished transaction takes a later status',
    file: operators,
    find: "export function forceStop(tx: Transaction, asked: string): Reaction {\n  if (isFinished(tx.head.status)) return wrongStatus(tx, 'stopped');",
    replace: 'export function forceStop(tx: Transaction, asked: string): Reaction {',
  },
  {
    name: 'pause-forgotten',
    what: 'a pause is acknowledged and not kept',
    file: apply,
    find: 'isPaused: !finished && (mutation.isPaused ?? head.isPaused),',
    replace: 'isPaused: false,',
  },
  {
    name: 'resume-does-nothing',
    what: 'what is paused stays so',
    file: operators,
    find: "return changed({ isPaused: false, state: { pauseReason: '' }, rows });",
    replace: "return changed({ state: { pauseReason: '' }, rows });",
  },
];
