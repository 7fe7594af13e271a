import type { World } from '../world.js';

/** Notices a queue that grows beyond its limit: commits have as much room again as creates. */
export function checkQueues({ places, draw, problems }: World): void {
  for (const { node } of places) {
    if (node === undefined || node.process.isDead) continue;
    const { pendingWrites } = node.coordinator.stats();
    if (pendingWrites > 2 * draw.policy.pendingWritesMax) {
      problems.add('unbounded', `${String(pendingWrites)} writes wait at ${node.process.name}`);
    }
  }
}
