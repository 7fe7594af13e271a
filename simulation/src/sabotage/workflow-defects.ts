import type { Defect } from './defect.js';

const machine = 'packages/protocol/src/workflow/workflow-machine.ts';
const reactions = 'packages/protocol/src/workflow/workflow-reactions.ts';
const shape = 'packages/protocol/src/workflow/workflow-shape.ts';
const answeredRow = 'packages/protocol/src/transaction/answered-row.ts';
const intake = 'packages/coordinator/src/intake.ts';

const clearAnswer = "  if (result.kind === 'ongoing') {\n    const row = ongoingRow(";

/** What a workflow's coordinator could do wrong. */
export const workflowDefects: readonly Defect[] = [
  {
    name: 'step-replaced',
    what: 'a recorded step is replaced by what another run of the same code records',
    file: reactions,
    find: '  if (before !== undefined)\n    return isSameRegistration(before, registration) ? unchanged : recordedOtherwise(registration);',
    replace: '  if (before !== undefined && isSameRegistration(before, registration)) return unchanged;',
  },
  {
    name: 'other-result-taken-for-same',
    what: 'who records a step otherwise than it is recorded is told success',
    file: reactions,
    find: 'isSameRegistration(before, registration) ? unchanged : recordedOtherwise(registration);',
    replace: 'isSameRegistration(before, registration) ? unchanged : unchanged;',
  },
  {
    name: 'resume-success-is-verdict',
    what: 'a service that answers success when it is resumed has succeeded',
    file: reactions,
    find: clearAnswer,
    replace: `  if (result.kind === 'success') return submit(tx, { status: 'succeed', reason: '', result: '' }, now);\n${clearAnswer}`,
  },
  {
    name: 'resume-refusal-is-verdict',
    what: 'a service that answers a refusal when it is resumed has failed',
    file: reactions,
    find: clearAnswer,
    replace: `  if (result.kind === 'failure') return submit(tx, { status: 'failed', reason: '', result: '' }, now);\n${clearAnswer}`,
  },
  {
    name: 'step-does-not-postpone',
    what: 'a recorded step does not move the next resume on',
    file: reactions,
    find: 'rows: [registeredRow(registration, steps, now), postponedResume(tx, policy, now)]',
    replace: 'rows: [registeredRow(registration, steps, now)]',
  },
  {
    name: 'resumed-at-once',
    what: 'a workflow is resumed as soon as it is prepared',
    file: shape,
    find: 'if (resume === undefined) return head.createdAt + ongoingWaitMs(policy);',
    replace: 'if (resume === undefined) return head.createdAt;',
  },
  {
    name: 'never-resumed',
    what: 'what its service has left is not resumed',
    file: machine,
    find: "if (now < atWorkUntil) return { kind: 'wait', wakeAt: atWorkUntil, waitsFor: undefined };",
    replace: "if (now < atWorkUntil + 3_600_000) return { kind: 'wait', wakeAt: now + 60_000, waitsFor: undefined };",
  },
  {
    name: 'retry-runs-beside',
    what: 'a retry that a person asks for resumes code that is at work',
    file: reactions,
    find: 'return backsOff(tx) ? retryNow(tx, now) : unchanged;',
    replace: 'return retryNow(tx, now);',
  },
  {
    name: 'at-work-backs-off',
    what: 'a service that says that it is at work counts as one that fails, and can be made due',
    file: reactions,
    find: 'changed({ rows: [{ ...row, attempts: 0 }] })',
    replace: 'changed({ rows: [row] })',
  },
  {
    name: 'at-work-called-at-once',
    what: 'who says that it is at work is called again at once',
    file: answeredRow,
    find: 'now + ongoingWaitMs(policy)',
    replace: 'now + 0 * ongoingWaitMs(policy)',
  },
  {
    name: 'step-after-end',
    what: 'a step can be recorded after the end',
    file: reactions,
    find: "  if (tx.head.status !== 'prepared') return alreadyEnded(tx);\n",
    replace: '',
  },
  {
    name: 'used-up-resumes-fail',
    what: 'a workflow whose resumes are used up has failed',
    file: reactions,
    find: '  return changed({ isPaused: true, state: { pauseReason }, rows: [row] });',
    replace: "  return changed({ status: 'failed', state: { reason: pauseReason }, rows: [row] });",
  },
  {
    name: 'result-dropped',
    what: 'what the code answers in the end is not kept',
    file: reactions,
    find: 'registered: { urls: {}, payload: result, ordinal: 0 },',
    replace: 'registered: { urls: {}, payload: result.slice(0, 0), ordinal: 0 },',
  },
  {
    name: 'step-result-not-told',
    what: 'code that is run again is not told what its steps answered',
    file: machine,
    find: "return { branchId, op, url: '', payload: registered.payload, status, row };",
    replace: "return { branchId, op, url: '', payload: '', status, row };",
  },
  {
    name: 'steps-not-in-order',
    what: 'steps are told in the order of their names',
    file: machine,
    find: 'return steps.sort((one, other) => one.registered.ordinal - other.registered.ordinal);',
    replace:
      'return steps.sort((one, other) => (`${one.branchId} ${one.op}` < `${other.branchId} ${other.op}` ? -1 : 1));',
  },
  {
    name: 'only-actions-told',
    what: 'code that is run again is not told what it has committed or rolled back',
    file: intake,
    find: "    .filter(({ op }) => op !== 'resume');",
    replace: "    .filter(({ op }) => op === 'action');",
  },
  {
    name: 'workflow-data-lost',
    what: 'a resume carries no data',
    file: shape,
    find: 'const payload = isCalledByGrpc(url, definition.protocol) ? workflowData(data) : data;',
    replace: 'const payload = isCalledByGrpc(url, definition.protocol) ? workflowData(data) : data.slice(0, 0);',
  },
];
