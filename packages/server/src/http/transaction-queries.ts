import type { CoordinatorVerbs } from '@tandem/coordinator';
import { limits, parseGid, queryView, TandemError, transactionView } from '@tandem/protocol';
import { numberParameter, toggleParameter, type Endpoint } from './api-request.js';
import { pageSize } from './page-size.js';
import { jsonReply, type Reply } from './reply.js';
import { knownName, statusNames, typeNames } from './transaction-names.js';

/** GET newGid. */
export function newGid(verbs: CoordinatorVerbs): Endpoint<Reply> {
  return () => jsonReply(200, { dtm_result: 'SUCCESS', gid: verbs.newGid() });
}

/** GET query: one transaction with its branch operations; an unknown gid is null, as in DTM. */
export function query(verbs: CoordinatorVerbs): Endpoint<Reply> {
  return async (request) => jsonReply(200, queryView(await verbs.query(parseGid(request.query.get('gid')))));
}

/** GET all: transactions by filter, newest first, a page at a time; with a gid, that one. */
export function all(verbs: CoordinatorVerbs): Endpoint<Reply> {
  return async (request) => {
    const gid = request.query.get('gid') ?? '';
    if (gid !== '') {
      const view = await verbs.query(parseGid(gid));
      return jsonReply(200, { next_position: '', transactions: view === undefined ? [] : [transactionView(view)] });
    }
    const page = await verbs.list(filterOf(request.query), given(request.query, 'position'), pageSize(request.query));
    return jsonReply(200, {
      next_position: page.nextCursor ?? '',
      transactions: page.transactions.map(transactionView),
    });
  };
}

/** resetCronTime: makes what waits for long due at once. */
export function resetCronTime(verbs: CoordinatorVerbs, defaultTimeoutMs: number): Endpoint<Reply> {
  return async (request) => {
    const timeout = numberParameter(request.query, 'timeout', defaultTimeoutMs / 1000);
    if (timeout < 0 || timeout * 1000 > limits.durationMsMax) {
      throw new TandemError('INVALID_REQUEST', 'timeout is out of range');
    }
    const { woken, hasMore } = await verbs.wakeAll(timeout * 1000, pageSize(request.query));
    return jsonReply(200, { has_remaining: hasMore, succeed_count: woken });
  };
}

function filterOf(query: URLSearchParams): Parameters<CoordinatorVerbs['list']>[0] {
  const status = given(query, 'status');
  const type = given(query, 'transType');
  const gidPrefix = given(query, 'gidPrefix');
  const owner = given(query, 'owner');
  const isPaused = toggleParameter(query, 'paused');
  const isFinished = toggleParameter(query, 'finished');
  const createdFrom = numberParameter(query, 'createTimeStart', undefined);
  const lastCreated = numberParameter(query, 'createTimeEnd', undefined);
  return {
    ...(status !== undefined && { status: knownName('status', status, statusNames) }),
    ...(type !== undefined && { type: knownName('transType', type, typeNames) }),
    ...(gidPrefix !== undefined && { gidPrefix }),
    ...(owner !== undefined && { owner }),
    ...(isPaused !== undefined && { isPaused }),
    ...(isFinished !== undefined && { isFinished }),
    ...(createdFrom !== undefined && { createdFrom }),
    ...(lastCreated !== undefined && { createdBefore: lastCreated + 1 }),
  };
}

function given(query: URLSearchParams, name: string): string | undefined {
  return query.get(name) || undefined;
}
