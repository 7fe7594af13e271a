import type {
  BranchOp,
  Definition,
  MachineDefaults,
  Registration,
  Step,
  TransactionOptions,
  TransactionType,
} from '../../src/index.js';

const noOptions: TransactionOptions = {
  waitResult: false,
  timeoutToFailMs: undefined,
  requestTimeoutMs: undefined,
  retry: {},
  checkIntervalMs: undefined,
  branchHeaders: {},
};

/** Short waits without growth or jitter, so that searches stay small and transcripts readable. */
export const plainDefaults: MachineDefaults = {
  retry: { initialMs: 10, factor: 1, maxMs: 10, jitter: 0, limit: undefined, then: 'rollback' },
  requestTimeoutMs: 3,
  timeoutToFailMs: 0,
  checkIntervalMs: 10,
  resumeTimeoutMs: 30,
};

export const messageDefaults: MachineDefaults = { ...plainDefaults, timeoutToFailMs: 35 };

interface Asked {
  readonly isConcurrent?: boolean;
  readonly orders?: Record<number, readonly number[]>;
  readonly options?: Partial<TransactionOptions>;
}

/** A saga whose steps have an action `http://aN` and a compensation `http://cN`; `-` in place of a letter leaves it empty. */
export function saga(steps: readonly string[], asked: Asked = {}): Definition {
  return definition(
    'saga',
    steps.map((step, index) => ({
      action: step.includes('a') ? `http://a${String(index + 1)}` : '',
      compensate: step.includes('c') ? `http://c${String(index + 1)}` : '',
      payload: `{"step":${String(index + 1)}}`,
      isAsync: false,
    })),
    asked,
  );
}

interface MessageAsked extends Asked {
  readonly subscribers?: Record<string, readonly string[]>;
  readonly queryPrepared?: string;
}

/** A message by its actions; one that ends with `&` is async. */
export function message(actions: readonly string[], asked: MessageAsked = {}): Definition {
  const steps = actions.map((action) => ({
    action: action.replace('&', ''),
    compensate: '',
    payload: '{}',
    isAsync: action.endsWith('&'),
  }));
  return {
    ...definition('msg', steps, asked),
    subscribers: asked.subscribers ?? {},
    queryPrepared: asked.queryPrepared ?? 'http://check',
  };
}

/** A TCC or XA: its branches are registered. */
export function twoPhase(type: 'tcc' | 'xa', options: Partial<TransactionOptions> = {}): Definition {
  return definition(type, [], { options });
}

/** The workflow `wf` with the input `in`, resumed at `http://wf`. */
export function workflow(options: Partial<TransactionOptions> = {}): Definition {
  const plain = definition('workflow', [], { options });
  return { ...plain, queryPrepared: 'http://wf', customData: '{"name":"wf","data":"aW4="}' };
}

/** A branch of a TCC with the URLs `http://okID` and `http://noID`; `-` in place of a letter leaves it empty. */
export function tccBranch(branchId: string, urls = 'on'): Registration {
  const confirm = urls.includes('o') ? `http://ok${branchId}` : '';
  const cancel = urls.includes('n') ? `http://no${branchId}` : '';
  return {
    type: 'tcc',
    branchId,
    op: 'try',
    status: 'prepared',
    urls: { confirm, cancel },
    payload: `{"b":${branchId}}`,
  };
}

/** A branch of an XA with the URL `http://xaID`. */
export function xaBranch(branchId: string): Registration {
  const url = `http://xa${branchId}`;
  return {
    type: 'xa',
    branchId,
    op: 'action',
    status: 'prepared',
    urls: { commit: url, rollback: url },
    payload: 'none',
  };
}

/** A step that a workflow has done, with its result. */
export function workflowStep(
  branchId: string,
  op: BranchOp = 'action',
  status: 'succeed' | 'failed' = 'succeed',
  payload = `did ${branchId}`,
): Registration {
  return { type: 'workflow', branchId, op, status, urls: {}, payload };
}

function definition(type: TransactionType, steps: readonly Step[], asked: Asked): Definition {
  return {
    type,
    protocol: 'http',
    steps,
    isConcurrent: asked.isConcurrent ?? false,
    orders: asked.orders ?? {},
    subscribers: {},
    queryPrepared: '',
    customData: '',
    options: { ...noOptions, ...asked.options },
  };
}
