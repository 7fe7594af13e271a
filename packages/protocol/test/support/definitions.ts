import type { Definition, MachineDefaults, Step, TransactionOptions } from '../../src/index.js';

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

function definition(type: 'saga' | 'msg', steps: readonly Step[], asked: Asked): Definition {
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
