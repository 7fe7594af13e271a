/** The requests of each kind of load, in DTM's wire. `ok` and `refuse` are locations of the participants. */
import { gidPlace } from '../load/wrk.mjs';

const payload = JSON.stringify({ user: 'alice', amount: 30 });
const submitPath = '/api/dtmsvr/submit';

/** @param {string} participantsUrl @param {number} steps @param {number} [refusedStep] @param {boolean} [waitsForResult] */
export function sagaRequest(participantsUrl, steps, refusedStep, waitsForResult = true) {
  const numbers = Array.from({ length: steps }, (_, index) => index + 1);
  const body = {
    gid: gidPlace,
    trans_type: 'saga',
    wait_result: waitsForResult,
    steps: numbers.map((step) => ({
      action: `${participantsUrl}/${step === refusedStep ? 'refuse' : 'ok'}/${step}`,
      compensate: `${participantsUrl}/ok/${step}/undo`,
    })),
    payloads: numbers.map(() => payload),
  };
  return { path: submitPath, body: JSON.stringify(body) };
}

/** @param {string} participantsUrl */
function messageBody(participantsUrl) {
  return {
    gid: gidPlace,
    trans_type: 'msg',
    steps: [{ action: `${participantsUrl}/ok/1` }],
    payloads: [payload],
    query_prepared: `${participantsUrl}/ok/query`,
  };
}

/** @param {string} participantsUrl */
export function messageSubmit(participantsUrl) {
  return { path: submitPath, body: JSON.stringify({ ...messageBody(participantsUrl), wait_result: true }) };
}

/** @param {string} participantsUrl */
export function messagePrepare(participantsUrl) {
  return { path: '/api/dtmsvr/prepare', body: JSON.stringify(messageBody(participantsUrl)) };
}

export function messageAbort() {
  return { path: '/api/dtmsvr/abort', body: JSON.stringify({ gid: gidPlace, trans_type: 'msg' }) };
}

/** A TCC from its prepare to its outcome, as DTM's SDKs send it. @param {string} participantsUrl @param {number} branches */
export function tccRequests(participantsUrl, branches) {
  const tcc = { gid: gidPlace, trans_type: 'tcc' };
  const registrations = Array.from({ length: branches }, (_, index) => {
    const branchId = String(index + 1).padStart(2, '0');
    const urls = { confirm: `${participantsUrl}/ok/${branchId}`, cancel: `${participantsUrl}/ok/${branchId}/undo` };
    return registration({ ...tcc, branch_id: branchId, data: payload, ...urls });
  });
  return [
    { path: '/api/dtmsvr/prepare', body: JSON.stringify(tcc) },
    ...registrations,
    { path: submitPath, body: JSON.stringify({ ...tcc, wait_result: true }) },
  ];
}

/** A workflow whose code runs at its caller's. @param {string} participantsUrl @param {number} steps */
export function workflowRequests(participantsUrl, steps) {
  const verdict = { status: 'succeed', rollback_reason: '', result: 'ZG9uZQ==' };
  return [
    workflowPrepare(participantsUrl),
    ...Array.from({ length: steps }, (_, index) => workflowStep(index + 1)),
    { path: submitPath, body: JSON.stringify({ gid: gidPlace, trans_type: 'workflow', req_extra: verdict }) },
  ];
}

/** @param {string} participantsUrl */
export function workflowPrepare(participantsUrl) {
  const body = {
    gid: gidPlace,
    trans_type: 'workflow',
    protocol: 'http',
    query_prepared: `${participantsUrl}/ok/resume`,
    custom_data: JSON.stringify({ name: 'bench', data: btoa(payload) }),
  };
  return { path: '/api/dtmsvr/prepareWorkflow', body: JSON.stringify(body) };
}

/** @param {number} number from 1 */
export function workflowStep(number) {
  const branchId = String(number).padStart(2, '0');
  const step = { op: 'action', status: 'succeed', sync: '1', data: payload };
  return registration({ gid: gidPlace, trans_type: 'workflow', branch_id: branchId, ...step });
}

/** @param {object} body */
function registration(body) {
  return { path: '/api/dtmsvr/registerBranch', body: JSON.stringify(body) };
}
