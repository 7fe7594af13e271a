/** All parts of one simulated world, put together from a draw. */
import { MemoryStore, type StoreChange } from '@tandem/store';
import type { BranchCall } from '@tandem/coordinator';
import { Doors } from './clients/doors.js';
import { WorkflowRuns } from './clients/workflow-runs.js';
import type { Draw, StepDraw, TransactionDraw } from './draw/draw.js';
import { Network, type Way } from './network.js';
import type { CallPorts } from './nodes/node-caller.js';
import { epochMs } from './nodes/node-clock.js';
import { Place } from './nodes/place.js';
import { AnswerOracle } from './oracles/answer-oracle.js';
import { CallOracle, hostOf } from './oracles/call-oracle.js';
import { HeatOracle } from './oracles/heat-oracle.js';
import { Ledger } from './oracles/ledger.js';
import { Problems } from './oracles/problems.js';
import { StoreOracle } from './oracles/store-oracle.js';
import { checkWait } from './oracles/wait-oracle.js';
import { watchChange } from './oracles/watch-change.js';
import { Effects } from './participants/effects.js';
import { Hosts } from './participants/hosts.js';
import type { Participant } from './participants/participant.js';
import { SeededRandom } from './seeded-random.js';
import { Tally } from './tally.js';
import { Transcript } from './transcript.js';
import { typeModelOf } from './types/type-models.js';
import { VirtualTime } from '@tandem/coordinator/virtual-time';

const callWay: Way = { lost: 'callLost', late: 'callLate', doubled: 'callDuplicated' };
const answerWay: Way = { lost: 'answerLost', late: 'answerLate', doubled: undefined };

export class World {
  readonly draw: Draw;
  readonly time = new VirtualTime();
  readonly tally = new Tally();
  readonly transcript: Transcript;
  readonly problems: Problems;
  readonly ledger = new Ledger();
  readonly effects = new Effects();
  /** What the code of each workflow has said of its end. */
  readonly verdicts = new Map<string, string>();
  readonly workflowRuns = new WorkflowRuns();
  readonly network: Network;
  readonly hosts: Hosts;
  readonly truth: MemoryStore;
  readonly heat: HeatOracle;
  readonly calls: CallOracle;
  readonly answers: AnswerOracle;
  readonly places: readonly Place[];
  readonly doors: Doors;
  readonly #trouble = { isCalm: false };
  readonly #storeOracle: StoreOracle;
  readonly #randoms = new Map<string, SeededRandom>();
  readonly #drawn: ReadonlyMap<string, TransactionDraw>;

  constructor(draw: Draw, isTranscribed: boolean) {
    this.draw = draw;
    const { time, tally, ledger, effects } = this;
    this.transcript = new Transcript(time, isTranscribed);
    this.problems = new Problems(this.transcript);
    const { problems, transcript } = this;
    this.network = new Network(draw.network, time, tally);
    this.heat = new HeatOracle(time, problems);
    this.calls = new CallOracle(draw, { time, ledger, problems });
    this.answers = new AnswerOracle({ ledger, problems, tally, mayRefuseItems: draw.store.refuse > 0 });
    this.#storeOracle = new StoreOracle(ledger, effects, problems, (gid) => isHurried(draw, gid));
    this.#drawn = new Map(draw.transactions.map((tx) => [tx.gid, tx]));
    const randomOf = (gid: string): SeededRandom => this.#randomOf(gid);
    const moodOf = (call: Pick<BranchCall, 'gid' | 'branchId'>): StepDraw | undefined => this.#moodOf(call);
    this.hosts = new Hosts(draw.hosts, {
      effects,
      tally,
      moodOf,
      randomOf,
      isCalm: () => this.isCalm,
      serve: (call, participant, answer) =>
        typeModelOf(call.transactionType).serve?.(call, participant, this, answer) === true,
    });
    this.truth = new MemoryStore({
      changed: (change) => {
        this.#changed(change);
      },
      purged: (gid) => {
        this.#purged(gid);
      },
    });
    this.places = Array.from(
      { length: draw.nodes },
      (_, index) =>
        new Place(index, {
          draw,
          time,
          truth: this.truth,
          calls: this.#callPorts(),
          trouble: this.#trouble,
          heat: this.heat,
          ledger,
          problems,
          tally,
          transcript,
        }),
    );
    this.doors = new Doors({ places: this.places, network: this.network, oracle: this.answers, transcript, randomOf });
  }

  get isCalm(): boolean {
    return this.#trouble.isCalm;
  }

  get participants(): readonly Participant[] {
    return this.hosts.participants;
  }

  /** From now on nothing is injected any more; what is on its way still arrives. */
  calm(): void {
    this.#trouble.isCalm = true;
    this.network.isCalm = true;
    this.transcript.say('world', () => 'no more faults');
  }

  hasBarrierRow(url: string, gid: string, branchId: string, op: string): boolean {
    const barrier = this.hosts.of(hostOf(url))?.barrier;
    return barrier?.reasonOf({ gid, branchId, op, barrierId: '01' }) !== undefined;
  }

  #changed(change: StoreChange): void {
    const { head } = change;
    this.transcript.say('store', () => describe(change));
    const before = this.ledger.of(head.gid)?.head;
    const record = this.#storeOracle.changed(change, this.time.now);
    watchChange(this.tally, record, before, change);
    checkWait(this, record);
  }

  #purged(gid: string): void {
    this.tally.count('purged');
    this.transcript.say('store', () => `${gid} is purged`);
    const latest = epochMs + this.time.now + Math.max(...this.places.map(({ offsetMs }) => offsetMs));
    this.#storeOracle.purged(gid, latest - this.draw.policy.retentionMs);
  }

  #callPorts(): CallPorts {
    return {
      time: this.time,
      opened: (open) => {
        const { call, process } = open;
        this.transcript.say(process.name, () => `calls ${call.gid} ${call.branchId} ${call.op} at ${hostOf(call.url)}`);
        this.calls.opened(open);
      },
      closed: (open, result) => {
        const { call, process } = open;
        this.transcript.say(process.name, () => `hears ${call.gid} ${call.branchId} ${call.op}: ${result.kind}`);
        this.calls.closed(open);
      },
      carry: (call, answer) => {
        this.carry(call, answer);
      },
    };
  }

  /** A call on its way to its host, and each answer on its way back. */
  carry(call: BranchCall, answer: Parameters<CallPorts['carry']>[1]): void {
    const random = this.#randomOf(call.gid);
    const name = hostOf(call.url);
    this.network.send(random, callWay, name, () => {
      this.hosts.arrive(name, call, (result) => {
        this.transcript.say(name, () => `answers ${call.gid} ${call.branchId} ${call.op}: ${result.kind}`);
        this.network.answer(random, answerWay, () => {
          answer(result);
        });
      });
    });
  }

  #randomOf(gid: string): SeededRandom {
    const known = this.#randoms.get(gid);
    if (known !== undefined) return known;
    const made = new SeededRandom(this.draw.seed, `on the way of ${gid}`);
    this.#randoms.set(gid, made);
    return made;
  }

  #moodOf({ gid, branchId }: Pick<BranchCall, 'gid' | 'branchId'>): StepDraw | undefined {
    const tx = this.#drawn.get(gid);
    const index = tx?.branches?.findIndex(({ id }) => id === branchId) ?? Number(branchId.slice(0, 2)) - 1;
    return tx?.steps[Math.max(0, index)];
  }
}

/** Whether an operator asks for a retry or a resume of it, which makes it due at once. */
function isHurried({ incidents }: Draw, gid: string): boolean {
  return incidents.some(
    (one) => one.kind === 'operator' && one.gid === gid && (one.verb === 'retryNow' || one.verb === 'resume'),
  );
}

function describe({ head, rows }: StoreChange): string {
  const { gid, version, epoch, status, isPaused, leaseOwner, leaseUntil, dueAt } = head;
  const lease = leaseUntil === 0 ? 'no lease' : `${leaseOwner} until ${String(leaseUntil - epochMs)}`;
  const due = dueAt === undefined ? 'not due' : `due ${String(dueAt - epochMs)}`;
  const outcomes = rows.map(({ branchId, op, value }) => `${branchId} ${op} ${value.slice(0, 40)}`);
  const what = [`v${String(version)} e${String(epoch)}`, `${status}${isPaused ? ' (paused)' : ''}`, lease, due];
  return `${gid} ${[...what, ...outcomes].join(', ')}`;
}
