/** A place for a node: one process at a time, the next one after the last has died. */
import { Coordinator, defaultPolicy, type CoordinatorEvents, type CoordinatorPolicy } from '@tandem/coordinator';
import { TandemError } from '@tandem/protocol';
import { UnreliableStore, type Store } from '@tandem/store';
import type { Draw, PolicyDraw } from '../draw/draw.js';
import type { HeatOracle } from '../oracles/heat-oracle.js';
import { lostLeaseProblem } from '../oracles/lease-oracle.js';
import type { Ledger } from '../oracles/ledger.js';
import type { Problems } from '../oracles/problems.js';
import { SeededRandom } from '../seeded-random.js';
import type { Tally } from '../tally.js';
import type { Transcript } from '../transcript.js';
import type { VirtualTime } from '@tandem/coordinator/virtual-time';
import { NodeCaller, type CallPorts } from './node-caller.js';
import { NodeClock } from './node-clock.js';
import { NodeStore } from './node-store.js';
import { Process } from './process.js';
import { storeFaults, type StoreTrouble } from './store-faults.js';

export interface Node {
  readonly process: Process;
  readonly clock: NodeClock;
  readonly coordinator: Coordinator;
  readonly store: UnreliableStore;
}

/** What all places share. */
export interface PlaceSurroundings {
  readonly draw: Draw;
  readonly time: VirtualTime;
  readonly truth: Store;
  readonly calls: CallPorts;
  readonly trouble: StoreTrouble;
  readonly heat: HeatOracle;
  readonly ledger: Ledger;
  readonly problems: Problems;
  readonly tally: Tally;
  readonly transcript: Transcript;
}

export class Place {
  node: Node | undefined;
  readonly index: number;
  /** Where its clock stands beside the world's. */
  offsetMs: number;
  readonly #around: PlaceSurroundings;
  #starts = 0;
  #restartMs = 0;

  constructor(index: number, around: PlaceSurroundings) {
    this.index = index;
    this.#around = around;
    this.offsetMs = around.draw.clockOffsetsMs[index] ?? 0;
  }

  get isUp(): boolean {
    return this.node !== undefined && !this.node.process.isDead;
  }

  /** Starts a process, with an owner id that no process had before. */
  start(): void {
    if (this.isUp) return;
    const { draw, time, tally, transcript, calls } = this.#around;
    this.#starts += 1;
    if (this.#starts > 1) tally.count('restart');
    const name = `n${String(this.index + 1)}.${String(this.#starts)}`;
    const random = new SeededRandom(draw.seed, name);
    const process = new Process(name, this.index, {
      time,
      random,
      died: (_, after) => {
        tally.count('crash');
        if (after === 'storeAnswered') tally.count('crashAfterWrite');
        if (after === 'callSent' || after === 'callAnswered') tally.count('crashAfterCall');
        transcript.say(name, () => `dies (${after})`);
        time.in(this.#restartMs, () => {
          this.start();
        });
      },
    });
    const clock = new NodeClock(time, process, this.offsetMs);
    const store = new UnreliableStore(this.#around.truth, storeFaults(this.#around, random));
    let randoms = 0;
    const coordinator = new Coordinator({
      store: new NodeStore(process, store, {
        asked: (verb, weight) => this.#around.heat.storeAsked(verb, weight),
        claimReply: () => this.#claimReply(random),
        claimed: ({ leaseUntil }, { claimed }) => {
          if (claimed.length > 0 && leaseUntil <= clock.now()) tally.count('staleClaim');
        },
      }),
      caller: new NodeCaller(process, calls),
      clock,
      // The first one asked for is the owner's id: the process's name makes transcripts readable.
      random: { hex: () => ((randoms += 1) === 1 ? name : `${name}x${String(randoms)}`) },
      policy: policyOf(draw.policy),
      groupCommit: { itemsMax: draw.policy.batchItemsMax, batchesMax: draw.policy.batchesMax },
      events: this.#events(process),
      defer: (run) => {
        time.in(0, () => {
          process.enters('timer', run);
        });
      },
    });
    transcript.say(name, () => 'starts');
    this.node = { process, clock, coordinator, store };
    void coordinator.start();
  }

  /** How long it stays down when its process dies. */
  restartAfter(ms: number): void {
    this.#restartMs = ms;
  }

  jump(byMs: number): void {
    this.offsetMs += byMs;
    if (this.node !== undefined) this.node.clock.offsetMs = this.offsetMs;
  }

  async #claimReply(random: SeededRandom): Promise<void> {
    const { draw, time, trouble } = this.#around;
    if (trouble.isCalm || !random.chance(draw.store.lateClaims)) return;
    await new Promise<void>((resolve) => void time.in(draw.policy.leaseMs + random.below(2_000), resolve));
  }

  #events(process: Process): CoordinatorEvents {
    const { name } = process;
    const { tally, transcript, problems, draw } = this.#around;
    return {
      leaseLost: (gid) => {
        tally.count('leaseLost');
        const problem = lostLeaseProblem(draw, this.#around.ledger, gid);
        if (problem !== undefined) problems.add('leaseLost', `the lease of ${gid} is ${problem}`);
        transcript.say(name, () => `loses ${gid}`);
      },
      targetOpened: (target) => {
        tally.count('breakerOpened');
        process.targetsDown.add(target);
        process.targetsEverDown.add(target);
        transcript.say(name, () => `finds ${target} down`);
      },
      targetClosed: (target) => {
        tally.count('breakerClosed');
        process.targetsDown.delete(target);
        transcript.say(name, () => `finds ${target} up`);
      },
      storeFault: (verb, error) => {
        transcript.say(name, () => `${verb} fails: ${String(error)}`);
      },
      defect: (error) => {
        // What the store was told to refuse is reported as a defect, and is none here.
        if (draw.store.refuse > 0 && error instanceof TandemError && error.code === 'LIMIT_EXCEEDED') return;
        problems.add('defect', error instanceof Error ? (error.stack ?? error.message).slice(0, 600) : String(error));
      },
    };
  }
}

function policyOf({ resumeTimeoutMs, ...policy }: PolicyDraw): Partial<CoordinatorPolicy> {
  const { types } = defaultPolicy;
  return { ...policy, types: { ...types, workflow: { ...types.workflow, resumeTimeoutMs } } };
}
