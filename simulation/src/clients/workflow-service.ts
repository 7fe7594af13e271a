/** The service of a workflow: runs its code when a client wants it, and when its coordinator calls. */
import type { BranchCall } from '@tandem/coordinator';
import type { BranchResult } from '@tandem/protocol';
import type { TransactionDraw } from '../draw/draw.js';
import { SeededRandom } from '../seeded-random.js';
import type { World } from '../world.js';
import { runWorkflowCode } from './workflow-code.js';

/** Each ask runs the code once. */
export function actAsWorkflowClient(tx: TransactionDraw, world: World): void {
  for (const { at, node, waitMs } of tx.asks) {
    world.time.in(at, () => {
      if (!world.isCalm) run(tx, world, { place: node, waitMs }, () => undefined);
    });
  }
}

/** The coordinator's call of branch `00`. */
export function resumeWorkflow(call: BranchCall, world: World, answer: (result: BranchResult) => void): void {
  const tx = world.draw.transactions.find(({ gid }) => gid === call.gid);
  if (tx === undefined) return;
  world.tally.count('workflowResumed');
  run(tx, world, { place: world.workflowRuns.begun(tx.gid), waitMs: 0 }, answer);
}

function run(
  tx: TransactionDraw,
  world: World,
  { place, waitMs }: { readonly place: number; readonly waitMs: number },
  answer: (result: BranchResult) => void,
): void {
  const { workflow: code } = tx;
  if (code === undefined) return;
  const name = `w${String(world.workflowRuns.begin(tx.gid))}`;
  if (world.workflowRuns.underWay(tx.gid) > 1) world.tally.count('workflowBesideItself');
  world.transcript.say(name, () => `runs ${tx.gid}`);
  const random = new SeededRandom(world.draw.seed, `${tx.gid} ${name}`);
  void runWorkflowCode({ tx, world, random, code, place, name }, waitMs).then((result) => {
    world.workflowRuns.end(tx.gid);
    world.transcript.say(name, () => `${tx.gid} ends: ${result?.kind ?? 'silently'}`);
    if (result !== undefined) answer(result);
  });
}
