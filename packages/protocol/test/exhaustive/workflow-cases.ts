import type { Registration, TransactionEvent, TransactionOptions } from '../../src/index.js';
import { plainDefaults, tccBranch, workflow, workflowStep } from '../support/definitions.js';
import type { Search } from './search.js';

const succeeds: TransactionEvent = {
  kind: 'submit',
  delayMs: 0,
  verdict: { status: 'succeed', reason: '', result: 'b3V0' },
};
const fails: TransactionEvent = {
  kind: 'submit',
  delayMs: 0,
  verdict: { status: 'failed', reason: 'no money', result: '' },
};

interface Asked {
  readonly options?: Partial<TransactionOptions>;
  readonly tickMs?: number;
  readonly depth?: number;
}

/** Small workflows, one for each thing that the machine decides by. */
export const workflowCases: Readonly<Record<string, Search>> = {
  'no steps': recording([]),
  'a step, out of step with the clock': recording([workflowStep('01')], { tickMs: 5 }),
  'steps of one branch': recording([workflowStep('01'), workflowStep('01', 'commit'), workflowStep('01', 'business')]),
  'a step that two executions end differently': recording([
    workflowStep('01'),
    workflowStep('01', 'action', 'failed', 'refused'),
    workflowStep('01', 'action', 'succeed', 'another result'),
  ]),
  'a limit': recording([workflowStep('01')], { options: { retry: { limit: 1 } } }),
  'a limit of none that asks for a roll-back': recording([workflowStep('01')], {
    options: { retry: { limit: 0, then: 'rollback' } },
    tickMs: 5,
  }),
  'an interval of its own': recording([workflowStep('01')], {
    options: { retry: { initialMs: 20, maxMs: 20 } },
    tickMs: 5,
  }),
  'another type': recording([tccBranch('01')]),
  'four steps out of step': recording(
    ['01', '02', '03', '04'].map((branchId) => workflowStep(branchId)),
    { tickMs: 5, depth: 1 },
  ),
};

function recording(steps: readonly Registration[], { options, ...more }: Asked = {}): Search {
  return {
    definition: workflow(options),
    defaults: plainDefaults,
    opening: { intent: 'prepare' },
    events: [...steps.map((registration) => ({ kind: 'registerBranch' as const, registration })), succeeds, fails],
    keys: [{ branchId: '00', op: 'resume' }],
    fairly: succeeds,
    ...more,
  };
}
