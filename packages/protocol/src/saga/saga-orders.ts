/**
 * The steps of a concurrent saga in an order in which each comes after those it waits for; undefined if they wait for
 * each other in a circle, or for a step that does not exist: such a saga could never end.
 */
export function topologicalOrder(
  count: number,
  orders: Readonly<Record<number, readonly number[]>>,
): readonly number[] | undefined {
  const missing = new Array<number>(count).fill(0);
  const successors = new Map<number, number[]>();
  for (const [key, predecessors] of Object.entries(orders)) {
    const index = Number(key);
    if (!isStep(index, count)) return undefined;
    for (const predecessor of predecessors) {
      if (!isStep(predecessor, count)) return undefined;
      missing[index] = (missing[index] ?? 0) + 1;
      const list = successors.get(predecessor);
      if (list === undefined) successors.set(predecessor, [index]);
      else list.push(index);
    }
  }
  const order: number[] = [];
  for (let index = 0; index < count; index += 1) if (missing[index] === 0) order.push(index);
  for (let at = 0; at < order.length; at += 1) {
    for (const index of successors.get(order[at] ?? -1) ?? []) {
      const left = (missing[index] ?? 0) - 1;
      missing[index] = left;
      if (left === 0) order.push(index);
    }
  }
  return order.length === count ? order : undefined;
}

function isStep(index: number, count: number): boolean {
  return Number.isInteger(index) && index >= 0 && index < count;
}
