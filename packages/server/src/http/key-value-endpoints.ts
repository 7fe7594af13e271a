import type { CoordinatorVerbs } from '@tandem/coordinator';
import { limits } from '@tandem/protocol';
import type { KeyValue } from '@tandem/store';
import type { Endpoint } from './api-request.js';
import { pageSize } from './page-size.js';
import { jsonReply, type Reply } from './reply.js';

/** GET scanKV: the key-values of a category (`cat`), a page at a time. */
export function scanKeyValues(verbs: CoordinatorVerbs): Endpoint<Reply> {
  return async ({ query }) => {
    const page = await verbs.scanKeyValues(query.get('cat') ?? '', query.get('position') || undefined, pageSize(query));
    return jsonReply(200, { kv: page.items.map(keyValueJson), next_position: page.nextCursor ?? '' });
  };
}

/** GET queryKV: one key-value as a list; without a key, the first page of the category. */
export function queryKeyValue(verbs: CoordinatorVerbs): Endpoint<Reply> {
  return async ({ query }) => {
    const category = query.get('cat') ?? '';
    const key = query.get('key') ?? '';
    if (key === '') {
      const page = await verbs.scanKeyValues(category, undefined, limits.pageMax);
      return jsonReply(200, { kv: page.items.map(keyValueJson) });
    }
    const found = await verbs.queryKeyValue(category, key);
    return jsonReply(200, { kv: found === undefined ? [] : [keyValueJson(found)] });
  };
}

function keyValueJson({ category, key, value, version, createdAt, updatedAt }: KeyValue) {
  return {
    id: 0,
    create_time: new Date(createdAt).toISOString(),
    update_time: new Date(updatedAt).toISOString(),
    cat: category,
    k: key,
    v: value,
    version,
  };
}
