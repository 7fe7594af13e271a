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
