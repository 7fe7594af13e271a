/** What the coordinator writes for a saga of two steps that succeeds: three items, of the size that they have there. */
import { encodeBody, encodeHeadState, encodeRow, parseTransactionRequest } from '@tandem/protocol';
import { gidPlace } from '../load/wrk.mjs';
import { sagaRequest } from '../scenarios/transactions.mjs';

const leaseMs = 15_000;
const request = sagaRequest('http://127.0.0.1:8080', 2);
const { definition } = parseTransactionRequest(JSON.parse(request.body.replaceAll(gidPlace, 'sample')), 'submit');
const body = encodeBody(definition);

/**
 * @param {object} parts
 * @param {number} parts.now
 * @param {boolean} parts.isFinished
 * @param {boolean} [parts.isDue] somebody should look at it now
 * @returns {import('@tandem/store').HeadFields}
 */
function headAt({ now, isFinished, isDue = !isFinished }) {
  return {
    type: definition.type,
    status: isFinished ? 'succeed' : 'submitted',
    isPaused: false,
    dueAt: isDue ? now : undefined,
    waitsFor: '',
    createdAt: now,
    updatedAt: now,
    finishedAt: isFinished ? now : undefined,
    state: encodeHeadState({ reason: '', pauseReason: '', submittedAt: now, delayMs: 0, isForced: false }),
  };
}

/** @param {number} step @param {number} now */
function succeeded(step, now) {
  const key = { branchId: String(step).padStart(2, '0'), op: /** @type {const} */ ('action') };
  const answered = { attempts: 0, nextAttemptAt: 0, reason: '', createdAt: now, updatedAt: now };
  return { ...key, value: encodeRow({ ...key, ...answered, status: 'succeed' }) };
}

/**
 * A saga that is accepted; leased by `owner`, or due for whoever claims it.
 * @param {string} gid @param {number} now @param {string | undefined} owner
 * @returns {import('@tandem/store').CreateItem}
 */
export function createItem(gid, now, owner) {
  return {
    kind: 'create',
    gid,
    token: `${gid}-1`,
    head: headAt({ now, isFinished: false }),
    body,
    rows: [],
    lease: owner === undefined ? undefined : { owner, untilMs: now + leaseMs },
  };
}

/** @param {string} gid @param {number} now @returns {import('@tandem/store').WriteItem[]} to be written one after the other */
export function sagaItems(gid, now) {
  const commit = { kind: /** @type {const} */ ('commit'), gid };
  return [
    createItem(gid, now, 'bench'),
    {
      ...commit,
      token: `${gid}-2`,
      expectedVersion: 1,
      head: headAt({ now, isFinished: false }),
      rows: [succeeded(1, now)],
      lease: { kind: 'keep' },
    },
    {
      ...commit,
      token: `${gid}-3`,
      expectedVersion: 2,
      head: headAt({ now, isFinished: true }),
      rows: [succeeded(2, now)],
      lease: { kind: 'release' },
    },
  ];
}
