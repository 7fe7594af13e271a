import type { World } from '../world.js';

/**
 * Notices a queue that grows beyond its limit: commits have as much room again as creates. What runs may be more than its
 * limit by a claim that was under way, and by the verbs that visit.
 */
export function checkQueues({ places, draw, problems, doors }: World): void {
  for (const { node } of places) {
    if (node === undefined || node.process.isDead) continue;
    const { pendingWrites, running } = node.coordinator.stats();
    const { runningMax, claimMax } = draw.policy;
    if (running > runningMax + claimMax + (doors.unanswered.get(node.process) ?? 0)) {
      problems.add('unbounded', `${String(running)} transactions run at ${node.process.name}`);
    }
    if (pendingWrites > 2 * draw.policy.pendingWritesMax) {
      problems.add('unbounded', `${String(pendingWrites)} writes wait at ${node.process.name}`);
    }
  }
}
