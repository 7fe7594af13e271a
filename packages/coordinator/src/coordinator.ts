/**
 * The coordinator: verbs in, transactions driven to their end. Usable as a library inside any process.
 *
 * K1. Nothing is acknowledged before it is durable.
 * K2. A refused request has changed nothing: limits and overload are checked before anything is stored.
 * K3. A repeat answers as the transaction stands; other content under the same gid is a conflict.
 * K4. After `close` no call is out and no lease is held, unless the grace ran out with the store away.
 */
import {
  limits,
  TandemError,
  type Gid,
  type Outcome,
  type Registration,
  type TransactionEvent,
  type TransactionType,
} from '@tandem/protocol';
import {
  GroupCommit,
  type GroupCommitCounts,
  type KeyValue,
  type KeyValuePage,
  type ScanFilter,
  type Store,
  type StoredTransaction,
} from '@tandem/store';
import type {
  CoordinatorOptions,
  CoordinatorPolicy,
  CoordinatorVerbs,
  TransactionPage,
  TransactionRequest,
  TransactionView,
  WorkflowProgress,
} from './coordinator-api.js';
import type { DeliveryResult } from './delivery.js';
import { DistantOutcomes } from './distant-outcomes.js';
import { EngineTime } from './engine-time.js';
import { guardStore } from './guard-store.js';
import { Intake } from './intake.js';
import { OutcomeWaiters } from './outcome-waiters.js';
import { resolvePolicy } from './policy.js';
import type { BranchCaller, CoordinatorEvents, Random } from './ports.js';
import { RecentTransactions } from './recent-transactions.js';
import { Retention } from './retention.js';
import type { RunContext } from './run-context.js';
import { RunningTransactions } from './running-transactions.js';
import { Scheduler } from './scheduler.js';
import { StoreClock } from './store-clock.js';
import { systemClock } from './system-clock.js';
import { systemRandom } from './system-random.js';
import { TargetGate } from './target-gate.js';
import { Topics } from './topics.js';
import { listed, viewOf } from './transaction-view.js';

const openOutcome: Outcome = { kind: 'open' };
const wakeBatch = 500;
const bodiesAtOnce = 16;
const leaseTendMs = 250;
const handOverMs = 3_000;

export class Coordinator implements CoordinatorVerbs {
  readonly #store: Store;
  readonly #caller: BranchCaller;
  readonly #clock: StoreClock;
  readonly #engineTime: EngineTime;
  readonly #random: Random;
  readonly #events: CoordinatorEvents;
  readonly #policy: CoordinatorPolicy;
  readonly #writes: GroupCommit;
  readonly #waiters: OutcomeWaiters;
  readonly #distant: DistantOutcomes;
  readonly #topics: Topics;
  readonly #running = new RunningTransactions();
  readonly #scheduler: Scheduler;
  readonly #retention: Retention;
  readonly #context: RunContext;
  readonly #intake: Intake;
  /** Targets whose waiting transactions are being woken. */
  readonly #waking = new Map<string, 'once' | 'again'>();
  readonly #owner: string;
  #tokens = 0;
  #isClosing = false;
  #cancelTending: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: CoordinatorOptions) {
    this.#store = options.store;
    this.#caller = options.caller;
    this.#clock = new StoreClock(options.clock ?? systemClock());
    this.#random = options.random ?? systemRandom;
    this.#events = options.events ?? {};
    this.#engineTime = new EngineTime(this.#store, this.#clock, (error) => this.#events.storeFault?.('ping', error));
    this.#policy = resolvePolicy(options.policy);
    this.#owner = this.#random.hex(8);
    this.#writes = this.#openWrites(options);
    this.#waiters = new OutcomeWaiters(this.#clock, () => {
      this.#distant.watch();
    });
    this.#distant = new DistantOutcomes({
      store: this.#store,
      clock: this.#clock,
      waiters: this.#waiters,
      runsHere: (gid) => this.#running.holdsLeaseOf(gid),
      fault: (error) => this.#events.storeFault?.('load', error),
    });
    this.#topics = new Topics(this.#store, this.#clock, (url) => {
      this.#caller.targetOf(url);
    });
    this.#scheduler = this.#openScheduler();
    const fault = (error: unknown): void => this.#events.storeFault?.('purge', error);
    this.#retention = new Retention(this.#store, this.#clock, this.#policy, fault);
    this.#context = this.#openContext();
    this.#intake = new Intake(this.#context, this.#running, this.#topics, {
      load: (gid) => this.#load(gid),
      deliver: (gid, event, known) => this.#deliver(gid, event, known),
      tell: (stored) => {
        this.#distant.tell(stored);
      },
    });
  }

  /** Id of this process start: the owner of its leases. */
  get id(): string {
    return this.#owner;
  }

  /** UTC ms on the store's clock. */
  now(): number {
    return this.#clock.now();
  }

  /**
   * Learns the time of the store's engine, where it has a clock of its own. `start` does it too; a server calls it before the
   * first verb comes in. Rejects with the store's fault.
   */
  readClock(): Promise<void> {
    return this.#engineTime.read();
  }

  /**
   * Begins to claim what is due, as soon as the engine has told its time: to a clock that is ahead, leases of nodes at work would
   * look free. The store must have been migrated.
   */
  async start(): Promise<void> {
    // First of all: verbs are served, and have leases, while the engine's time is still being asked for.
    this.#tendLeases();
    await this.#engineTime.start(() => {
      if (this.#isClosing) return;
      this.#scheduler.start();
      this.#retention.start();
    });
  }

  /**
   * Refuses new verbs, lets calls that are out end for up to `graceMs`, gives every lease back, and resolves. Does not
   * close the store or the caller, which belong to whoever made them. Idempotent.
   */
  close(graceMs = 10_000): Promise<void> {
    this.#closed ??= this.#close(graceMs);
    return this.#closed;
  }

  newGid(): Gid {
    // Time first, so that gids made one after another lie side by side in an index.
    const time = this.#clock.now().toString(36).padStart(9, '0');
    return (time + this.#random.hex(8)) as Gid;
  }

  async prepare(request: TransactionRequest): Promise<void> {
    this.#checkOpen();
    await this.#intake.take(request, 'prepare', 0);
  }

  async prepareWorkflow(request: TransactionRequest): Promise<WorkflowProgress> {
    this.#checkOpen();
    return this.#intake.takeWorkflow(request);
  }

  async registerBranch(gid: Gid, registration: Registration): Promise<void> {
    // Found out later, a URL that nobody can call would leave a decided transaction half done.
    for (const url of Object.values(registration.urls)) if (url !== '') this.#caller.targetOf(url);
    await this.#deliver(gid, { kind: 'registerBranch', registration });
  }

  async submit(request: TransactionRequest, waitMs: number): Promise<Outcome> {
    this.#checkOpen();
    const outcome = await this.#intake.take(request, 'submit', waitMs);
    return outcome ?? openOutcome;
  }

  async abort(gid: Gid, reason: string, waitMs = 0): Promise<void> {
    const end = waitMs > 0 ? this.#waiters.wait(gid, waitMs) : undefined;
    const effect = await this.#deliver(gid, { kind: 'abort', reason });
    if (end !== undefined) await (effect === 'changed' ? end : this.#intake.settledOr(gid, end));
  }

  async forceStop(gid: Gid, reason: string): Promise<void> {
    await this.#deliver(gid, { kind: 'forceStop', reason });
  }

  async pause(gid: Gid, reason: string): Promise<void> {
    await this.#deliver(gid, { kind: 'pause', reason });
  }

  async resume(gid: Gid): Promise<void> {
    await this.#deliver(gid, { kind: 'resume' });
  }

  async retryNow(gid: Gid): Promise<void> {
    this.#context.gate.endPauses();
    await this.#deliver(gid, { kind: 'retryNow' });
  }

  async query(gid: Gid): Promise<TransactionView | undefined> {
    const stored = await this.#load(gid);
    return stored === undefined ? undefined : viewOf(stored);
  }

  async list(filter: ScanFilter, cursor: string | undefined, limit: number): Promise<TransactionPage> {
    return guardStore(async () => {
      const page = await this.#store.scan(filter, cursor, Math.min(Math.max(limit, 1), limits.pageMax));
      const transactions: TransactionPage['transactions'][number][] = [];
      // Bodies can be large and a page long: a few at a time, and of each only what a listing shows.
      for (let at = 0; at < page.heads.length; at += bodiesAtOnce) {
        const gids = page.heads.slice(at, at + bodiesAtOnce).map((head) => head.gid);
        for (const stored of await this.#store.load(gids, 'body')) {
          if (stored !== undefined) transactions.push(listed(stored));
        }
      }
      return { transactions, nextCursor: page.nextCursor };
    });
  }

  async wakeAll(dueAfterMs: number, limit: number): Promise<{ readonly woken: number; readonly hasMore: boolean }> {
    const now = this.#clock.now();
    this.#context.gate.endPauses();
    const woken = await guardStore(() => this.#store.wake({ dueAfter: now + dueAfterMs }, now, limit));
    if (woken > 0) this.#scheduler.notify(now);
    return { woken, hasMore: woken === limit };
  }

  subscribe(topic: string, url: string, remark: string): Promise<void> {
    return guardStore(() => this.#topics.subscribe(topic, url, remark));
  }

  unsubscribe(topic: string, url: string): Promise<void> {
    return guardStore(() => this.#topics.unsubscribe(topic, url));
  }

  deleteTopic(topic: string): Promise<void> {
    return guardStore(() => this.#topics.delete(topic));
  }

  queryKeyValue(category: string, key: string): Promise<KeyValue | undefined> {
    return guardStore(() => this.#store.getKeyValue(category, key));
  }

  scanKeyValues(category: string, cursor: string | undefined, limit: number): Promise<KeyValuePage> {
    return guardStore(() => this.#store.scanKeyValues(category, cursor, Math.min(Math.max(limit, 1), limits.pageMax)));
  }

  /** What runs here now, and what was written: for metrics. */
  stats(): { readonly running: number; readonly writes: GroupCommitCounts; readonly pendingWrites: number } {
    return { running: this.#running.size, writes: this.#writes.counts(), pendingWrites: this.#writes.pending };
  }

  /** Delivers an event to the run of a gid, here or as a visitor, until somebody takes it; throws what is refused. */
  async #deliver(gid: Gid, event: TransactionEvent, known?: StoredTransaction): Promise<'changed' | 'unchanged'> {
    this.#checkOpen();
    const result = await guardStore(() => this.#deliverOnce(gid, event, known));
    switch (result.kind) {
      case 'changed':
      case 'unchanged':
        return result.kind;
      case 'refused':
        throw new TandemError(result.code, result.message);
      case 'notFound':
        throw new TandemError('NOT_FOUND', `there is no transaction ${gid}`);
    }
  }

  /** `known` saves the visitor a read; if it is not the latest any more, its first write conflicts and it reads again. */
  #deliverOnce(gid: Gid, event: TransactionEvent, known?: StoredTransaction): Promise<DeliveryResult> {
    const { run, isNew } = this.#running.open(gid, this.#context);
    const delivered = run.deliver(event);
    if (isNew) run.visit(known, known === undefined ? this.#context.recent.take(gid) : undefined);
    return delivered;
  }

  async #load(gid: Gid): Promise<StoredTransaction | undefined> {
    const [stored] = await guardStore(() => this.#store.load([gid], 'all'));
    return stored;
  }

  #checkOpen(): void {
    if (this.#isClosing) throw new TandemError('SHUTTING_DOWN', 'the coordinator is shutting down');
  }

  #nextToken(): string {
    this.#tokens += 1;
    return `${this.#owner}-${this.#tokens.toString(36)}`;
  }

  #openContext(): RunContext {
    return {
      store: this.#store,
      writes: this.#writes,
      caller: this.#caller,
      gate: this.#openGate(),
      waiters: this.#waiters,
      recent: new RecentTransactions(this.#clock, this.#policy.retentionMs),
      clock: this.#clock,
      policy: this.#policy,
      events: this.#events,
      owner: this.#owner,
      nextToken: () => this.#nextToken(),
      isClosing: () => this.#isClosing,
      hasRoom: (type) => this.#running.hasRoom(type, this.#policy),
      dueAt: (time) => {
        this.#scheduler.notify(time);
      },
      began: (run, type) => {
        this.#running.began(run, type);
      },
      ended: (run) => {
        this.#running.ended(run);
        this.#scheduler.roomFreed();
      },
    };
  }

  #openWrites(options: CoordinatorOptions): GroupCommit {
    const clock = this.#clock;
    return new GroupCommit(options.store, {
      pendingMax: this.#policy.pendingWritesMax,
      ...options.groupCommit,
      events: { storeFault: (error) => this.#events.storeFault?.('write', error) },
      timing: {
        now: () => clock.now(),
        setTimer: (delayMs, fire) => clock.setTimer(delayMs, fire),
        defer: options.defer ?? setImmediate,
      },
    });
  }

  #openGate(): TargetGate {
    const { callsPerTargetMax, queuePerTargetMax, breakerFailures, breakerOpenMs } = this.#policy;
    return new TargetGate(
      { callsMax: callsPerTargetMax, queueMax: queuePerTargetMax, breakerFailures, breakerOpenMs },
      this.#clock,
      {
        opened: (target) => this.#events.targetOpened?.(target),
        recovered: (target) => {
          this.#events.targetClosed?.(target);
          void this.#wakeTarget(target, Infinity);
        },
        drained: (target) => {
          void this.#wakeTarget(target, Math.max(callsPerTargetMax, queuePerTargetMax));
        },
      },
    );
  }

  /** Wakes some of those that wait durably for a target which has room or answers again, batch by batch. */
  async #wakeTarget(target: string, wakeMax: number): Promise<void> {
    if (this.#waking.has(target)) {
      // One sweep at a time; what was written since this one began is for the next.
      this.#waking.set(target, 'again');
      return;
    }
    try {
      do {
        this.#waking.set(target, 'once');
        await this.#wakeSome(target, wakeMax);
      } while (this.#waking.get(target) === 'again' && !this.#isClosing);
    } catch (error) {
      // They come back by their own due time.
      this.#events.storeFault?.('wake', error);
    } finally {
      this.#waking.delete(target);
    }
  }

  async #wakeSome(target: string, wakeMax: number): Promise<void> {
    for (let left = wakeMax; left > 0 && !this.#isClosing;) {
      const now = this.#clock.now();
      const batch = Math.min(wakeBatch, left);
      const woken = await this.#store.wake({ waitsFor: target, dueAfter: now }, now, batch);
      if (woken > 0) this.#scheduler.notify(now);
      left = woken < batch ? 0 : left - woken;
      if (woken === batch && left === 0) this.#context.gate.moreWait(target);
    }
  }

  #openScheduler(): Scheduler {
    const { clock, types } = { clock: this.#clock, types: Object.keys(this.#policy.types) as TransactionType[] };
    return new Scheduler({
      clock,
      claimIntervalMs: this.#policy.claimIntervalMs,
      room: () => {
        const free = types.map((type) => this.#policy.types[type].runningMax - this.#running.countOf(type));
        const withRoom = types.filter((_, index) => (free[index] ?? 0) > 0);
        const count = Math.min(
          this.#policy.claimMax,
          this.#policy.runningMax - this.#running.size,
          ...free.filter((room) => room > 0),
        );
        return {
          count: withRoom.length === 0 ? 0 : count,
          types: withRoom.length === types.length ? undefined : withRoom,
        };
      },
      claim: async (limit, claimable) => {
        const now = this.#clock.now();
        this.#running.claimBegins();
        const result = await this.#store.claimDue({
          now,
          limit,
          types: claimable,
          owner: this.#owner,
          leaseUntil: now + this.#policy.leaseMs,
          token: this.#nextToken(),
        });
        if (result.claimed.length > 0) this.#events.claimed?.(result.claimed.length);
        return result;
      },
      adopt: (stored) => {
        this.#running.adopt(stored, this.#context);
      },
      fault: (error) => this.#events.storeFault?.('claimDue', error),
    });
  }

  #tendLeases(): void {
    const everyMs = Math.min(leaseTendMs, this.#policy.leaseMs / 10);
    this.#cancelTending = this.#clock.setTimer(everyMs, () => {
      const now = this.#clock.now();
      for (const run of this.#running.all()) run.tendLease(now, now + everyMs);
      this.#tendLeases();
    });
  }

  async #close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    await this.#scheduler.stop();
    await this.#retention.stop();
    for (const run of this.#running.all()) run.lookAgain();
    const isQuiet = await this.#quiet(graceMs);
    if (!isQuiet) {
      for (const run of this.#running.all()) run.handOver();
      await this.#quiet(Math.min(graceMs, handOverMs));
    }
    this.#cancelTending?.();
    this.#engineTime.stop();
    this.#distant.stop();
    this.#waiters.close();
    await this.#writes.close();
  }

  /** Resolves with true when nothing runs any more, with false after `withinMs`. */
  async #quiet(withinMs: number): Promise<boolean> {
    const timedOut = new Promise<'timedOut'>((resolve) => {
      this.#clock.setTimer(withinMs, () => {
        resolve('timedOut');
      });
    });
    while (!this.#running.isQuiet) {
      if ((await Promise.race([this.#running.nextEnd(), timedOut])) === 'timedOut') return false;
    }
    return true;
  }
}
