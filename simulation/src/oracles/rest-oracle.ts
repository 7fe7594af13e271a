/** What must hold when all has come to rest: nothing lost, nothing stuck, nothing left over. */
import type { Gid } from '@tandem/protocol';
import { typeModelOf } from '../types/type-models.js';
import type { World } from '../world.js';

/** Everything has ended, everybody has been answered, nothing is on its way. */
export function isAtRest(world: World): boolean {
  if (world.network.onTheWay > 0 || unansweredOf(world) > 0) return false;
  for (const { head } of world.ledger.records.values()) if (head.finishedAt === undefined) return false;
  return world.places.every(({ node }) => {
    if (node === undefined || node.process.isDead || node.process.isFrozen) return false;
    const { running, pendingWrites } = node.coordinator.stats();
    return running === 0 && pendingWrites === 0;
  });
}

/** What waits for a person gets one. */
export function resumePaused(world: World): void {
  const place = world.places.findIndex(({ isUp }) => isUp);
  if (place < 0) return;
  for (const { gid, head } of world.ledger.records.values()) {
    if (!head.isPaused || head.finishedAt !== undefined) continue;
    world.doors.ask(
      { place, verb: 'resume', gid, note: '' },
      (coordinator) => coordinator.resume(gid as Gid),
      () => undefined,
    );
  }
}

export function checkRest(world: World): void {
  const { problems, ledger, effects } = world;
  for (const gid of world.answers.acknowledged) {
    if (ledger.of(gid) === undefined) problems.add('lost', `${gid} was acknowledged and is not there`);
  }
  for (const tx of world.draw.transactions) {
    const record = ledger.of(tx.gid);
    if (record === undefined) {
      if (effects.of(tx.gid).some(({ op }) => op !== 'msg'))
        problems.add('lost', `${tx.gid} had effects and was never stored`);
    } else if (record.end === undefined) {
      problems.add('stuck', `${tx.gid} is ${record.head.status} though no fault is left`);
    } else {
      for (const text of typeModelOf(tx.type).restProblems(record, effects, tx, world)) {
        problems.add('rest', `${tx.gid} is ${record.head.status}: ${text}`);
      }
    }
  }
  checkLeftOver(world);
}

function checkLeftOver(world: World): void {
  for (const { node } of world.places) {
    if (node === undefined) continue;
    const { running, pendingWrites } = node.coordinator.stats();
    if (running > 0) world.problems.add('leak', `${node.process.name} has ${String(running)} runs that never end`);
    if (pendingWrites > 0)
      world.problems.add('leak', `${node.process.name} has ${String(pendingWrites)} writes that never end`);
  }
  const left = unansweredOf(world);
  if (left > 0) world.problems.add('leak', `${String(left)} verbs are never answered`);
}

function unansweredOf(world: World): number {
  let sum = 0;
  for (const [process, count] of world.doors.unanswered) if (!process.isDead) sum += count;
  return sum;
}
