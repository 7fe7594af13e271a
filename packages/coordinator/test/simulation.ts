/**
 * Random runs by seed: several coordinators on one adversarial memory store, a virtual clock, participants that answer
 * anything, clients that call verbs at any time. What must hold is checked while it runs and after faults have stopped.
 */
import { parseTransactionRequest, TandemError, type BranchResult, type Gid } from '@tandem/protocol';
import { MemoryStore, UnreliableStore, type StoredHead, type WriteItem, type WriteResult } from '@tandem/store';
import {
  Coordinator,
  type BranchCall,
  type BranchCaller,
  type Clock,
  type CoordinatorPolicy,
  type TransactionRequest,
} from '@tandem/coordinator';

export interface Knobs {
  readonly nodes: number;
  readonly transactions: number;
  /** Chance of each kind of store fault. */
  readonly faults: number;
  /** Chance that a store call is slow. */
  readonly slow: number;
  readonly crashes: boolean;
  /** Verbs of operators at random times. */
  readonly verbs: boolean;
  /** Verbs that end a transaction by force, from any node. */
  readonly force: boolean;
  /** Everything is served at the node where it was submitted. */
  readonly sticky: boolean;
  /** Chance per step of time that the event loop stalls: time passes and no timer fires. */
  readonly stalls: number;
  readonly policy: Partial<CoordinatorPolicy>;
}

export interface Verdict {
  readonly seed: number;
  readonly problems: readonly string[];
  readonly trace: readonly string[];
}

export function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly fire: () => void;
}

const epochMs = 1_800_000_000_000;

class SimulatedClock implements Clock {
  #now = epochMs;
  #order = 0;
  readonly #timers = new Set<Timer>();
  turns = 0;

  now(): number {
    return this.#now;
  }

  get timers(): number {
    return this.#timers.size;
  }

  setTimer(delayMs: number, fire: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, Math.ceil(delayMs)), order: (this.#order += 1), fire };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Time passes and nothing runs: a stalled event loop, a suspended machine. */
  stall(ms: number): void {
    this.#now += ms;
  }

  async advanceTo(end: number, atTurnsMax: number): Promise<boolean> {
    let turnsHere = 0;
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      let next: Timer | undefined;
      for (const timer of this.#timers) {
        if (timer.at > end) continue;
        if (next === undefined || timer.at < next.at || (timer.at === next.at && timer.order < next.order))
          next = timer;
      }
      if (next === undefined) break;
      this.#timers.delete(next);
      turnsHere = next.at > this.#now ? 0 : turnsHere + 1;
      if (turnsHere > atTurnsMax) return false;
      this.#now = Math.max(this.#now, next.at);
      this.turns += 1;
      next.fire();
    }
    this.#now = Math.max(this.#now, end);
    return true;
  }
}

/** The truth: what is durable, seen at the moment at which it becomes so. */
class WatchedStore extends MemoryStore {
  readonly history = new Map<string, StoredHead[]>();
  writes = 0;
  changed: (gid: string, head: StoredHead, item: WriteItem) => void = () => undefined;

  /** Answers false when too much is written without any time passing. */
  mayWrite: (items: number) => boolean = () => true;

  override async write(items: readonly WriteItem[]): Promise<readonly WriteResult[]> {
    // A loop that no timer interrupts would never give the simulation a turn: it is held here for ever.
    if (!this.mayWrite(items.length)) await new Promise(() => undefined);
    const results = await super.write(items);
    for (const [index, item] of items.entries()) {
      this.writes += 1;
      if (results[index]?.kind !== 'applied') continue;
      const [stored] = await super.load([item.gid], 'all');
      if (stored !== undefined) this.changed(item.gid, stored.head, item);
    }
    return results;
  }
}

export async function simulate(seed: number, knobs: Knobs): Promise<Verdict> {
  const random = mulberry(seed);
  const chance = (share: number): boolean => random() < share;
  const upTo = (max: number): number => Math.floor(random() * max);
  const clock = new SimulatedClock();
  const problems: string[] = [];
  const trace: string[] = [];
  const say = (text: string): void => void trace.push(`${String(clock.now() - epochMs)} ${text}`);
  const problem = (text: string): void => {
    say(`!! ${text}`);
    problems.push(text);
  };
  const store = new WatchedStore();
  let isCalm = false;
  const ended = new Map<string, string>();
  const historyOf = (gid: string): StoredHead[] => {
    const known = store.history.get(gid) ?? [];
    store.history.set(gid, known);
    return known;
  };
  store.changed = (gid, head, item) => {
    const end = ended.get(gid);
    const seen = historyOf(gid);
    if (seen.at(-1)?.version === head.version) return;
    seen.push(head);
    const rows = item.rows.map((row) => `${row.branchId} ${row.op} ${row.value.slice(0, 60)}`);
    say(
      `stored ${gid} v${String(head.version)} e${String(head.epoch)} ${head.status}${head.isPaused ? ' paused' : ''} owner=${head.leaseOwner.slice(-3)} lease=${String(head.leaseUntil - epochMs)} due=${String((head.dueAt ?? NaN) - epochMs)} ${rows.join('; ')}`,
    );
    if (end !== undefined && head.status !== end) problem(`${gid} changed after its end: ${end} -> ${head.status}`);
    if (head.finishedAt !== undefined) {
      ended.set(gid, head.status);
    }
  };

  const hot = { at: 0, writes: 0 };
  store.mayWrite = (items) => {
    if (hot.at !== clock.now()) Object.assign(hot, { at: clock.now(), writes: 0 });
    hot.writes += items;
    if (hot.writes === 2_001) problem('hot: two thousand writes in one moment');
    return hot.writes <= 2_000;
  };

  // Participants.
  const out = new Map<string, number>();
  const actionsAnswered = new Set<string>();
  const makeCaller = (node: { name: string; isDead: boolean }): BranchCaller => ({
    call(call: BranchCall) {
      const key = `${call.gid} ${call.branchId} ${call.op}`;
      say(`node ${node.name} calls ${key}`);
      if (!node.isDead) {
        const end = ended.get(call.gid);
        // A stop by force at another node reaches the runner with its next write only.
        if (end !== undefined && !(knobs.force && knobs.nodes > 1)) problem(`call after the end: ${key} (${end})`);
        if ((out.get(key) ?? 0) > 0) problem(`overlap: ${key}`);
        const before = Number(call.branchId) - 1;
        if (call.op !== 'msg' && call.transactionType === 'saga' && before > 0 && !call.headers['x-concurrent']) {
          const previous = `${call.gid} ${String(before).padStart(2, '0')} action`;
          if (!actionsAnswered.has(previous)) problem(`${key} cannot have started`);
        }
      }
      out.set(key, (out.get(key) ?? 0) + 1);
      let isOver = false;
      let finish: (result: BranchResult) => void = () => undefined;
      const result = new Promise<BranchResult>((resolve) => {
        finish = (answer) => {
          if (isOver) return;
          isOver = true;
          out.set(key, (out.get(key) ?? 1) - 1);
          say(`node ${node.name} answered ${key} ${answer.kind}`);
          resolve(answer);
        };
      });
      const dice = random();
      const answer: BranchResult =
        isCalm || dice < 0.6
          ? { kind: 'success' }
          : dice < 0.7
            ? { kind: 'failure', reason: 'no' }
            : dice < 0.8
              ? { kind: 'ongoing', reason: 'wait' }
              : dice < 0.9
                ? { kind: 'unknown', reason: '500' }
                : { kind: 'unknown', reason: 'refused', isUnreachable: true };
      const latency = isCalm ? 5 : chance(0.3) ? 0 : chance(0.5) ? upTo(100) : upTo(6000);
      if (answer.kind === 'success' && call.op === 'action') actionsAnswered.add(key);
      clock.setTimer(Math.min(latency, call.timeoutMs), () => {
        if (!node.isDead)
          finish(latency > call.timeoutMs ? { kind: 'unknown', reason: 'timeout', isUnreachable: true } : answer);
      });
      return { result, cancel: () => finish({ kind: 'unknown', reason: 'given up', isUnreachable: true }) };
    },
    targetOf: (url) => new URL(url).origin,
    close: () => Promise.resolve(),
  });

  // Nodes.
  interface Node {
    readonly name: string;
    isDead: boolean;
    readonly store: UnreliableStore;
    readonly coordinator: Coordinator;
  }
  const nodes: Node[] = [];
  let started = 0;
  const startNode = async (): Promise<Node> => {
    started += 1;
    const name = String(started);
    const node = { name, isDead: false };
    let randoms = 0;
    const own = new UnreliableStore(store, {
      random: () => (isCalm ? 1 : random()),
      delay: async () => {
        if (isCalm || !chance(knobs.slow)) return;
        await new Promise<void>((resolve) => void clock.setTimer(1 + upTo(chance(0.1) ? 1500 : 60), resolve));
      },
      failBefore: knobs.faults,
      loseReply: knobs.faults,
      splitBatch: knobs.faults * 3,
    });
    const coordinator = new Coordinator({
      store: own,
      caller: makeCaller(node),
      clock,
      random: { hex: (bytes) => `${name.padStart(2, '0')}${String((randoms += 1))}`.padStart(bytes * 2, '0') },
      policy: { leaseMs: 3_000, skewMs: 500, claimIntervalMs: 700, breakerOpenMs: 300, ...knobs.policy },
      events: {
        defect: (error) => {
          problem(`defect: ${error instanceof Error ? (error.stack ?? error.message).slice(0, 400) : String(error)}`);
        },
        leaseLost: (gid) => {
          say(`node ${name} lost ${gid}`);
        },
      },
      defer: (run) => {
        queueMicrotask(run);
      },
    });
    await coordinator.start();
    const whole = Object.assign(node, { store: own, coordinator });
    nodes.push(whole);
    return whole;
  };
  const live = (): Node[] => nodes.filter((node) => !node.isDead);
  await store.migrate();
  for (let n = 0; n < knobs.nodes; n += 1) await startNode();

  // Clients.
  const requests = new Map<string, TransactionRequest>();
  const acknowledged = new Set<string>();
  let open = 0;
  const verb = (
    node: Node,
    name: string,
    gid: string,
    act: () => Promise<unknown>,
    check: (value: unknown) => void,
  ) => {
    open += 1;
    say(`node ${node.name} ${name} ${gid}`);
    const startedAt = clock.now();
    act().then(
      (value) => {
        open -= 1;
        if (node.isDead) return;
        say(
          `node ${node.name} ${name} ${gid} -> ${value === undefined ? 'ok' : JSON.stringify(value)} after ${String(clock.now() - startedAt)}`,
        );
        check(value);
      },
      (error: unknown) => {
        open -= 1;
        if (node.isDead) return;
        say(`node ${node.name} ${name} ${gid} -> ${String(error)}`);
        if (!(error instanceof TandemError)) problem(`${name} rejects with ${String(error)}`);
        else if (
          !['STORE_UNAVAILABLE', 'WRONG_STATUS', 'SHUTTING_DOWN', 'NOT_FOUND', 'OVERLOADED'].includes(error.code)
        )
          problem(`${name} answers ${error.code} ${error.message}`);
      },
    );
  };
  const submit = (node: Node, gid: string): void => {
    const request = requests.get(gid);
    if (request === undefined) return;
    const waitMs = chance(0.5) ? upTo(5000) : 0;
    verb(
      node,
      `submit(${String(waitMs)})`,
      gid,
      () => node.coordinator.submit(request, waitMs),
      (value) => {
        acknowledged.add(gid);
        const { kind } = value as { kind: string };
        const seen = historyOf(gid);
        if (seen.length === 0) problem(`${gid} acknowledged but not stored`);
        if (!seen.some(({ status }) => status !== 'prepared')) problem(`${gid} submit acknowledged, never durable`);
        const end = ended.get(gid);
        if (kind === 'failure' && end !== 'failed') problem(`${gid} told failure, is ${String(end)}`);
        if (kind === 'success' && end === 'failed' && !knobs.force) problem(`${gid} told success, is failed`);
      },
    );
  };
  const home = new Map<string, Node>();
  const pick = (gid: string): Node | undefined => {
    const candidates = live();
    const at = home.get(gid);
    if (knobs.sticky && at !== undefined && !at.isDead) return at;
    const node = candidates[upTo(candidates.length)];
    if (node !== undefined) home.set(gid, node);
    return node;
  };
  const begin = (index: number): void => {
    const gid = `g${String(index)}`;
    const isMessage = chance(0.3);
    const isPrepared = isMessage && chance(0.5);
    const isConcurrent = chance(0.3);
    const count = 1 + upTo(4);
    const steps = Array.from({ length: count }, () => `http://h${String(upTo(3))}/x`);
    const body = {
      gid,
      trans_type: isMessage ? 'msg' : 'saga',
      query_prepared: 'http://h0/check',
      concurrent: isConcurrent,
      steps: steps.map((action) => (isMessage ? { action } : { action, compensate: `${action}-back` })),
      payloads: steps.map(() => '{}'),
      request_timeout_ms: undefined,
      request_timeout: 1 + upTo(4),
      retry_interval: 1,
      ...(isMessage ? { timeout_to_fail: 2 } : chance(0.2) ? { timeout_to_fail: 1 + upTo(8) } : {}),
      ...(chance(0.2) ? { retry_limit: 1 + upTo(3) } : {}),
      ...(isConcurrent ? { branch_headers: { 'x-concurrent': '1' } } : {}),
    };
    requests.set(gid, parseTransactionRequest(body, 'submit'));
    const node = pick(gid);
    if (node === undefined) return;
    if (isPrepared) {
      verb(
        node,
        'prepare',
        gid,
        () => node.coordinator.prepare(parseTransactionRequest(body, 'prepare')),
        () => {
          if (historyOf(gid).length === 0) problem(`${gid} prepared but not stored`);
          acknowledged.add(gid);
        },
      );
    } else submit(node, gid);
  };
  const switches = new Map<string, number>();
  const disturb = (): void => {
    const gid = `g${String(upTo(requests.size))}`;
    const node = pick(gid);
    if (node === undefined || !requests.has(gid)) return;
    const { coordinator } = node;
    const seenBefore = historyOf(gid).length;
    const id = gid as Gid;
    const since = (): StoredHead[] => historyOf(gid).slice(Math.max(0, seenBefore - 1));
    const kind = upTo(knobs.force ? 7 : 5);
    // What is asked beside its opposite may be folded into nothing.
    const switched = (act: () => Promise<void>): (() => Promise<void>) => {
      switches.set(gid, (switches.get(gid) ?? 0) + 1);
      return act;
    };
    const before = switches.get(gid) ?? 0;
    const isAlone = (): boolean => switches.get(gid) === before + 1;
    switch (kind) {
      case 0:
        verb(
          node,
          'pause',
          gid,
          switched(() => coordinator.pause(id, 'x')),
          () => {
            // A stop that was folded into the same write leaves nothing to pause.
            if (isAlone() && !since().some((head) => head.isPaused || head.finishedAt !== undefined))
              problem(`${gid} pause acknowledged, not durable`);
          },
        );
        return;
      case 1:
        verb(
          node,
          'resume',
          gid,
          switched(() => coordinator.resume(id)),
          () => {
            if (isAlone() && !since().some((head) => !head.isPaused))
              problem(`${gid} resume acknowledged, not durable`);
          },
        );
        return;
      case 2:
        verb(
          node,
          'retryNow',
          gid,
          () => coordinator.retryNow(id),
          () => undefined,
        );
        return;
      case 3:
      case 4:
        submit(node, gid);
        return;
      case 5:
        verb(
          node,
          'forceStop',
          gid,
          () => coordinator.forceStop(id, 'x'),
          () => {
            if (ended.get(gid) !== 'failed') problem(`${gid} forceStop acknowledged, not durable`);
          },
        );
        return;
      default:
        verb(
          node,
          'abort',
          gid,
          () => coordinator.abort(id, 'x'),
          () => {
            if (ended.get(gid) !== 'failed') problem(`${gid} abort acknowledged, not durable`);
          },
        );
    }
  };

  // Trouble.
  let isHot = false;
  const pass = async (ms: number): Promise<void> => {
    const before = store.writes;
    if (!(await clock.advanceTo(clock.now() + ms, 3_000)) && !isHot) {
      isHot = true;
      problem('hot: thousands of timers in one moment');
    }
    if (store.writes - before > 1_500) problem(`hot: ${String(store.writes - before)} writes in ${String(ms)} ms`);
  };
  let index = 0;
  for (let step = 0; step < knobs.transactions * 4 && problems.length === 0; step += 1) {
    if (index < knobs.transactions && chance(0.4)) begin(index++);
    if (knobs.verbs && requests.size > 0 && chance(0.5)) disturb();
    if (knobs.crashes && chance(0.05) && live().length > 1) {
      const victim = live()[upTo(live().length)];
      if (victim !== undefined) {
        say(`node ${victim.name} dies`);
        victim.isDead = true;
        victim.store.isUnavailable = true;
        out.clear();
        await startNode();
      }
    }
    if (chance(knobs.stalls)) {
      say('stall');
      clock.stall(1_000 + upTo(3_000));
      if (knobs.verbs && requests.size > 0) disturb();
    }
    await pass(chance(0.5) ? 0 : upTo(1200));
  }

  // Calm: everything answers, whatever is paused is resumed, all must end.
  isCalm = true;
  say('calm');
  await pass(8_000);
  for (let round = 0; round < 12 && problems.length === 0; round += 1) {
    for (const gid of requests.keys()) {
      const head = historyOf(gid).at(-1);
      const node = live()[0];
      if (head?.isPaused === true && node !== undefined && !ended.has(gid)) {
        verb(
          node,
          'resume',
          gid,
          () => node.coordinator.resume(gid as Gid),
          () => undefined,
        );
      }
    }
    await pass(20_000);
    if ([...requests.keys()].every((gid) => historyOf(gid).length === 0 || ended.has(gid))) break;
  }
  if (problems.length === 0) {
    for (const gid of acknowledged)
      if (!ended.has(gid)) problem(`stuck: ${gid} is ${historyOf(gid).at(-1)?.status ?? 'gone'}`);
    if (open > 0 && live().length === nodes.length) problem(`${String(open)} verbs never answered`);
    for (const node of live()) {
      const { running, pendingWrites } = node.coordinator.stats();
      if (running !== 0) problem(`node ${node.name}: ${String(running)} runs never end`);
      if (pendingWrites !== 0) problem(`node ${node.name}: ${String(pendingWrites)} writes wait for ever`);
    }
  }
  if (problems.some((text) => text.startsWith('hot'))) return { seed, problems, trace };
  for (const node of live()) {
    const closing = node.coordinator.close(1_000);
    await clock.advanceTo(clock.now() + 6_000, 3_000);
    await closing;
  }
  return { seed, problems, trace };
}
