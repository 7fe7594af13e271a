/** Steps queued at once: the event loop looks at the outside world once for so many. */
const queuedAtOnce = 64;

/**
 * Calls `step` again and again until it answers false, with every promise that is ready settled in between.
 *
 * Node runs all microtasks between two immediates, in an order that the language fixes; nothing else is under way in a
 * simulation, so that the real event loop decides nothing. Rejects with what `step` throws.
 */
export function takeTurns(step: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    let left = 0;
    const queue = (): void => {
      left = queuedAtOnce;
      for (let count = 0; count < queuedAtOnce; count += 1) setImmediate(turn);
    };
    const turn = (): void => {
      if (isOver) return;
      left -= 1;
      try {
        if (!step()) {
          isOver = true;
          resolve();
        } else if (left === 0) queue();
      } catch (error) {
        isOver = true;
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    };
    queue();
  });
}
