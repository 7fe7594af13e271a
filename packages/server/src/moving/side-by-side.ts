/**
 * Does `work` for everything that comes, a few at once, so that one store reads while the other writes. Rejects with the first
 * fault, when all that was begun has ended.
 */
export async function sideBySide<T>(
  all: AsyncIterable<T>,
  atOnce: number,
  work: (one: T) => Promise<void>,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  try {
    for await (const one of all) {
      const done = work(one).finally(() => underWay.delete(done));
      // Waited for below; until then nobody else may take its fault for one that is not seen.
      done.catch(() => undefined);
      underWay.add(done);
      if (underWay.size >= atOnce) await Promise.race(underWay);
    }
    await Promise.all(underWay);
  } finally {
    await Promise.allSettled(underWay);
  }
}

/** Pages of a few MiB each: memory stays bounded. */
export const pagesAtOnce = 3;
