/**
 * `node simulation/dist/cli/scaling.js`: how sagas of two steps scale with the number of nodes where the machine's cores are not the
 * limit: real coordinators, a modelled network and engine, virtual time. docs/cluster.md has the figures.
 */
import { model } from '../scaling/model.js';
import { runNodes } from '../scaling/run-nodes.js';

const nodeCounts = [1, 2, 4, 8];

console.log(`model, in ms: ${JSON.stringify(model)}`);
for (const askedElsewhere of [0, 0.1]) {
  console.log(`\n${String(askedElsewhere * 100)} % of the callers ask at a second node too, and wait there`);
  console.log('nodes  sagas/s  of one node  items/saga  batches/saga  conflicts/saga  loads/saga  claims/s');
  let one = 0;
  for (const nodes of nodeCounts) {
    const found = await runNodes({ nodes, callersPerNode: 64, seconds: 2, askedElsewhere });
    if (nodes === 1) one = found.perSecond;
    const { perSecond, items, batches, conflicts, loads, claimsPerSecond } = found;
    const cells = [
      String(nodes).padStart(5),
      perSecond.toFixed(0).padStart(8),
      `${(perSecond / one).toFixed(2)} x`.padStart(12),
      items.toFixed(2).padStart(11),
      batches.toFixed(3).padStart(13),
      conflicts.toFixed(4).padStart(15),
      loads.toFixed(3).padStart(11),
      claimsPerSecond.toFixed(1).padStart(9),
    ];
    console.log(cells.join(' '));
  }
}
