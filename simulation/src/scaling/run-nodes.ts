import { Coordinator, type BranchCaller, type Clock } from '@tandem/coordinator';
import { parseTransactionRequest } from '@tandem/protocol';
import { epochMs } from '../nodes/node-clock.js';
import { SeededRandom } from '../seeded-random.js';
import { takeTurns } from '../take-turns.js';
import { VirtualTime } from '@tandem/coordinator/virtual-time';
import { model, ticksPerMs } from './model.js';
import { ModelledStore } from './modelled-store.js';
import { after, WorkQueue } from './work-queue.js';

export interface Load {
  readonly nodes: number;
  /** Callers of each node, who wait for the outcome and ask for the next one. */
  readonly callersPerNode: number;
  readonly seconds: number;
  /** Share of the callers that ask for it once more at another node and wait there too. */
  readonly askedElsewhere: number;
}

export interface Measured {
  readonly perSecond: number;
  /** For each saga. */
  readonly items: number;
  readonly batches: number;
  readonly conflicts: number;
  readonly loads: number;
  /** Each second, of all nodes together. */
  readonly claimsPerSecond: number;
}

/** N real coordinators on one modelled store, in virtual time: sagas of two steps, each of which succeeds. */
export async function runNodes({ nodes, callersPerNode, seconds, askedElsewhere }: Load): Promise<Measured> {
  const time = new VirtualTime();
  const store = new ModelledStore(time);
  await store.migrate();
  const coordinators = Array.from({ length: nodes }, (_, index) => openNode(time, store, index));
  let done = 0;
  const caller = async (node: number, number: number): Promise<void> => {
    const random = new SeededRandom(number, `caller of ${String(node)}`);
    for (let count = 0; time.now < seconds * 1_000 * ticksPerMs; count += 1) {
      const gid = `g-${String(node)}-${String(number)}-${String(count)}`;
      const steps = ['a', 'b'].map((name) => ({ action: `http://${name}/do`, compensate: `http://${name}/undo` }));
      const request = parseTransactionRequest({ gid, trans_type: 'saga', steps, payloads: ['{}', '{}'] }, 'submit');
      const first = coordinators[node]?.submit(request, 5_000);
      const isAskedElsewhere = random.chance(askedElsewhere);
      await Promise.all([
        first,
        isAskedElsewhere ? coordinators[(node + 1) % nodes]?.submit(request, 5_000) : undefined,
      ]);
      done += 1;
    }
  };
  const running = [];
  for (let node = 0; node < nodes; node += 1) {
    for (let number = 0; number < callersPerNode; number += 1) running.push(caller(node, number));
  }
  const over = Promise.all(running);
  let isOver = false;
  void over.then(() => (isOver = true));
  await takeTurns(() => !isOver && time.next(Infinity));
  await over;
  const { items, batches, conflicts, loads, claims } = store.counts;
  const each = (count: number): number => count / done;
  return {
    perSecond: done / seconds,
    items: each(items),
    batches: each(batches),
    conflicts: each(conflicts),
    loads: each(loads),
    claimsPerSecond: claims / seconds,
  };
}

function openNode(time: VirtualTime, store: ModelledStore, index: number): Coordinator {
  const cpu = new WorkQueue(time, 1);
  const clock: Clock = {
    now: () => epochMs + Math.floor(time.now / ticksPerMs),
    steady: () => time.now / ticksPerMs,
    setTimer: (delayMs, fire) => time.in(delayMs * ticksPerMs, fire),
  };
  const caller: BranchCaller = {
    call: () => ({
      result: cpu
        .work(model.nodeMs)
        .then(() => after(time, model.answerMs))
        .then(() => ({ kind: 'success' as const })),
      cancel: () => undefined,
    }),
    targetOf: (url) => new URL(url).origin,
    close: () => Promise.resolve(),
  };
  let randoms = 0;
  const coordinator = new Coordinator({
    store,
    caller,
    clock,
    random: { hex: () => `n${String(index)}x${String((randoms += 1))}` },
    defer: (run) => void time.in(0, run),
  });
  // A request costs what a call of a branch does.
  coordinator.submit = async (...asked) => {
    await cpu.work(model.nodeMs);
    return Coordinator.prototype.submit.apply(coordinator, asked);
  };
  void coordinator.start();
  return coordinator;
}
