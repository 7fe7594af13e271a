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

/** What a TCC, XA or workflow is prepared, submitted and aborted with. */
export function prepared(gid: string, type: 'tcc' | 'xa' | 'workflow', more: object = {}): object {
  return { gid, trans_type: type, ...more };
}

export function tccBranch(gid: string, branchId: string, url: string, more: object = {}): object {
  return {
    gid,
    trans_type: 'tcc',
    branch_id: branchId,
    data: JSON.stringify({ branch: branchId }),
    confirm: `${url}/confirm-${branchId}`,
    cancel: `${url}/cancel-${branchId}`,
    ...more,
  };
}

export function xaBranch(gid: string, branchId: string, url: string): object {
  return { gid, trans_type: 'xa', branch_id: branchId, url: `${url}/xa-${branchId}` };
}

/** A workflow as DTM's Go SDK prepares it; its input is base64 in a text of JSON. */
export function workflow(gid: string, service: string, input: string, more: object = {}): object {
  const custom = JSON.stringify({ name: 'transfer money', data: Buffer.from(input).toString('base64') });
  return { gid, trans_type: 'workflow', protocol: 'http', query_prepared: service, custom_data: custom, ...more };
}

export function step(gid: string, branchId: string, data: string, more: object = {}): object {
  return { gid, trans_type: 'workflow', branch_id: branchId, op: 'action', status: 'succeed', data, ...more };
}

export function verdict(gid: string, status: 'succeed' | 'failed', reason = '', result = ''): object {
  return { gid, trans_type: 'workflow', req_extra: { status, rollback_reason: reason, result } };
}
