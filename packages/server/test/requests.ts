/** Bodies as DTM's SDKs send them. */
export interface SagaStep {
  readonly action: string;
  readonly compensate?: string;
}

export function saga(gid: string, steps: readonly SagaStep[], more: object = {}): object {
  return {
    gid,
    trans_type: 'saga',
    steps: steps.map(({ action, compensate = '' }) => ({ action, compensate })),
    payloads: steps.map((_, index) => JSON.stringify({ step: index + 1 })),
    wait_result: true,
    concurrent: false,
    ...more,
  };
}

export function message(gid: string, actions: readonly string[], more: object = {}): object {
  return {
    gid,
    trans_type: 'msg',
    steps: actions.map((action) => ({ action })),
    payloads: actions.map((_, index) => JSON.stringify({ step: index + 1 })),
    query_prepared: 'http://127.0.0.1:9/unused',
    concurrent: false,
    ...more,
  };
}
