import type { BranchDraw } from '../draw/draw.js';
import type { SeededRandom } from '../seeded-random.js';
import type { Scene } from './type-model.js';

/** Branches as DTM's SDKs number them, two digits a level: `01`, `02`, and `0101` inside `01`. */
export function drawBranches(random: SeededRandom, { hosts }: Scene, count: number, nested: number): BranchDraw[] {
  const children = new Map<string, number>();
  const made: BranchDraw[] = [];
  for (let index = 0; index < count; index += 1) {
    const [first] = made;
    const outer = first !== undefined && random.chance(nested) ? random.pick([first, ...made]).id : '';
    const place = (children.get(outer) ?? 0) + 1;
    children.set(outer, place);
    made.push({ id: outer + String(place).padStart(2, '0'), host: random.below(hosts) });
  }
  return made;
}
