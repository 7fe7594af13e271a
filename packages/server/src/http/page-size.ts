import { limits } from '@tandem/protocol';
import { numberParameter } from './api-request.js';

/** `limit` of a listing: 100 where nothing is said, never more than the cap; DTM's -1 ("all") means the cap. */
export function pageSize(query: URLSearchParams): number {
  const limit = numberParameter(query, 'limit', 100);
  return limit < 1 ? limits.pageMax : Math.min(limit, limits.pageMax);
}
