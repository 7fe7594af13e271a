/**
 * Writes finished sagas into the data folder of a Tandem that does not run: a million by load would take a quarter of an hour.
 * What is written is what the server leaves of such a saga: head, body, and one row for each action.
 */
import { encodeBody, encodeHeadState, encodeRow, parseTransactionRequest } from '@tandem/protocol';
import { openSqliteStore } from '@tandem/store-sql/sqlite';
import { gidPlace } from './wrk.mjs';

const batchSize = 5_000;
/** How far apart in time they were created, in ms. */
const apartMs = 1;

/**
 * @param {string} folder the server's data folder
 * @param {import('./wrk.mjs').Request} request
 * @param {number} count
 */
export async function seedFinished(folder, request, count) {
  // Nothing is lost if the machine fails meanwhile that could not be seeded again.
  const store = await openSqliteStore({ folder, synchronous: 'normal', cacheBytes: 256 << 20 });
  try {
    await store.migrate();
    const itemOf = finishedItems(request, Date.now() - count * apartMs);
    for (let from = 0; from < count; from += batchSize) {
      const length = Math.min(batchSize, count - from);
      const results = await store.write(Array.from({ length }, (_, index) => itemOf(from + index)));
      if (results.some((result) => result.kind !== 'applied')) throw new Error('a seeded transaction was not written');
    }
  } finally {
    await store.close();
  }
}

/** @param {number} index */
export function seededGid(index) {
  return `seed-${String(index).padStart(9, '0')}`;
}

/**
 * @param {import('./wrk.mjs').Request} request
 * @param {number} startedAt
 * @returns {(index: number) => import('@tandem/store').CreateItem}
 */
function finishedItems({ body }, startedAt) {
  const { definition } = parseTransactionRequest(JSON.parse(body.replaceAll(gidPlace, 'seed')), 'submit');
  const text = encodeBody(definition);
  return (index) => {
    const at = startedAt + index * apartMs;
    const answered = { attempts: 0, nextAttemptAt: 0, reason: '', createdAt: at, updatedAt: at };
    return {
      kind: 'create',
      gid: seededGid(index),
      token: seededGid(index),
      head: {
        type: definition.type,
        status: 'succeed',
        isPaused: false,
        dueAt: undefined,
        waitsFor: '',
        createdAt: at,
        updatedAt: at,
        finishedAt: at,
        state: encodeHeadState({ reason: '', pauseReason: '', submittedAt: at, delayMs: 0, isForced: false }),
      },
      body: text,
      rows: definition.steps.map((_, step) => {
        const key = { branchId: String(step + 1).padStart(2, '0'), op: /** @type {const} */ ('action') };
        return { ...key, value: encodeRow({ ...key, ...answered, status: 'succeed' }) };
      }),
      lease: undefined,
    };
  };
}
