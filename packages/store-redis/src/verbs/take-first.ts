/**
 * Of several ascending lists, how many each has among the first `limit` of all.
 */
export function takeFirst(lists: readonly (readonly number[])[], limit: number): readonly number[] {
  const all = lists.flatMap((list, index) => list.map((value) => ({ value, index })));
  all.sort((left, right) => left.value - right.value);
  const counts = lists.map(() => 0);
  for (const { index } of all.slice(0, limit)) counts[index] = (counts[index] ?? 0) + 1;
  return counts;
}
