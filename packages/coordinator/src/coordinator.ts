/**
 * The coordinator: verbs in, transactions driven to their end. Usable as a library inside any process.
 *
 * K1. Nothing is acknowledged before it is durable.
 * K2. A refused request has changed nothing: limits and overload are checked before anything is stored.
 * K3. A repeat answers as the transaction stands; other content under the same gid is a conflict.
 * K4. After `close` no call is out and no lease is held, unless the grace ran out with the store away.
 */
import {
  encodeBody,
  limits,
  machineOf,
  sameContent,
  TandemError,
  type BranchRow,
  type Definition,
  type Gid,
  type OpenIntent,
  type Outcome,
  type Transaction,
  type TransactionEvent,
  type TransactionType,
} from '@tandem/protocol';
import {
  GroupCommit,
  StoreError,
  type CreateItem,
  type GroupCommitCounts,
  type KeyValue,
  type KeyValuePage,
  type ScanFilter,
  type Store,
  type StoredTransaction,
} from '@tandem/store';
import { comeToRest, type AtRest, type RestingPlan } from './come-to-rest.js';
import type {
  CoordinatorOptions,
  CoordinatorPolicy,
  CoordinatorVerbs,
  TransactionPage,
  TransactionRequest,
  TransactionView,
} from './coordinator-api.js';
import { OutcomeWaiters } from './outcome-waiters.js';
import { resolvePolicy } from './policy.js';
import type { BranchCaller, Clock, CoordinatorEvents, Random } from './ports.js';
import { Retention } from './retention.js';
import type { RunContext } from './run-context.js';
import { RunningTransactions } from './running-transactions.js';
import { Scheduler } from './scheduler.js';
import { readTransaction, writeHead, writeRows } from './stored-transaction.js';
import { systemClock } from './system-clock.js';
import { systemRandom } from './system-random.js';
import { TargetGate } from './target-gate.js';
import { Topics } from './topics.js';
import type { DeliveryResult } from './delivery.js';

const openOutcome: Outcome = { kind: 'open' };
const wakeBatch = 500;
const bodiesAtOnce = 16;
/** How long a create is tried again when the store fails for a moment, in ms. */
const createRetryMs = 1_000;
const leaseTendMs = 250;
const handOverMs = 3_000;
const topicPrefix = 'topic://';

export class Coordinator implements CoordinatorVerbs {
  readonly #store: Store;
  readonly #caller: BranchCaller;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #events: CoordinatorEvents;
  readonly #policy: CoordinatorPolicy;
  readonly #writes: GroupCommit;
  readonly #waiters: OutcomeWaiters;
  readonly #topics: Topics;
  readonly #running = new RunningTransactions();
  readonly #scheduler: Scheduler;
  readonly #retention: Retention;
  readonly #context: RunContext;
  readonly #owner: string;
  #tokens = 0;
  #isClosing = false;
  #cancelTending: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: CoordinatorOptions) {
    this.#store = options.store;
    this.#caller = options.caller;
    this.#clock = options.clock ?? systemClock();
    this.#random = options.random ?? systemRandom;
    this.#events = options.events ?? {};
    this.#policy = resolvePolicy(options.policy);
    this.#owner = this.#random.hex(8);
    this.#writes = this.#openWrites(options);
    this.#waiters = new OutcomeWaiters(this.#clock);
    this.#topics = new Topics(this.#store, this.#clock, (url) => {
      this.#caller.targetOf(url);
    });
    this.#scheduler = this.#openScheduler();
    const fault = (error: unknown): void => this.#events.storeFault?.('purge', error);
    this.#retention = new Retention(this.#store, this.#clock, this.#policy, fault);
    this.#context = this.#openContext();
  }

  /** Begins to claim what is due. The store must have been migrated. */
  start(): Promise<void> {
    this.#scheduler.start();
    this.#retention.start();
    this.#tendLeases();
    return Promise.resolve();
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
    await this.#create(request, 'prepare');
  }

  async submit(request: TransactionRequest, waitMs: number): Promise<Outcome> {
    const created = await this.#create(request, 'submit', waitMs);
    return created ?? openOutcome;
  }

  async abort(gid: Gid, reason: string): Promise<void> {
    await this.#deliver(gid, { kind: 'abort', reason });
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
    if (stored === undefined) return undefined;
    const tx = readTransaction(stored);
    return { ...viewOf(stored, tx), branches: machineOf(tx.definition.type).branches(tx) };
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

  /** Creates a transaction, or takes the request as a repeat; answers the outcome to a submit that waits for it. */
  async #create(request: TransactionRequest, intent: OpenIntent, waitMs = 0): Promise<Outcome | undefined> {
    this.#checkOpen();
    const hasTopics = request.definition.steps.some((step) => step.action.startsWith(topicPrefix));
    if (intent === 'submit' && isLikelyPrepared(request)) {
      const stored = await this.#load(request.gid);
      if (stored !== undefined) return this.#repeat(request, intent, waitMs, stored);
      if (!request.hasSteps) throw new TandemError('NOT_FOUND', `there is no transaction ${request.gid}`);
    }
    this.#checkUrls(request.definition);
    const definition = hasTopics ? await this.#withSubscribers(request.definition) : request.definition;
    const now = this.#clock.now();
    const atRest = this.#opened(request, definition, intent, now);
    const isRunning = atRest.plan.kind === 'calls' && this.#running.reserve(definition.type, this.#policy);
    const leaseUntil = isRunning ? now + this.#policy.leaseMs : 0;
    const dueAt = dueTime(atRest.plan, now);
    let outcome: Promise<Outcome> | Outcome | undefined;
    try {
      const result = await this.#writeNew(request.gid, atRest, dueAt, leaseUntil, now);
      if (result.kind === 'applied') {
        this.#events.created?.(definition.type);
        outcome = this.#begin(atRest, { version: result.version, epoch: result.epoch, leaseUntil, dueAt }, waitMs);
      }
    } finally {
      // What was begun counts by itself; how long its caller waits is another matter.
      if (isRunning) this.#running.unreserve(definition.type);
    }
    if (outcome !== undefined) return outcome;
    const stored = await this.#load(request.gid);
    // Purged in this very moment: as good as new, and the next request will find it so.
    if (stored === undefined) throw new TandemError('STORE_UNAVAILABLE', `${request.gid} was purged just now`);
    return this.#repeat(request, intent, waitMs, stored);
  }

  async #writeNew(gid: Gid, { tx, mutation }: AtRest, dueAt: number | undefined, leaseUntil: number, now: number) {
    const item: CreateItem = {
      kind: 'create',
      gid,
      token: this.#nextToken(),
      head: writeHead(tx, dueAt, ''),
      body: encodeBody(tx.definition),
      rows: writeRows(mutation?.rows),
      lease: leaseUntil === 0 ? undefined : { owner: this.#owner, untilMs: leaseUntil },
    };
    const result = await guardStore(() => this.#writes.write(item, { retryUntil: now + createRetryMs }));
    if (result.kind === 'refused') throw new TandemError('LIMIT_EXCEEDED', `the store refuses it: ${result.reason}`);
    return result;
  }

  #begin(
    { tx, plan }: AtRest,
    durable: { version: number; epoch: number; leaseUntil: number; dueAt: number | undefined },
    waitMs: number,
  ): Promise<Outcome> | Outcome {
    const outcome = machineOf(tx.definition.type).outcome(tx);
    if (durable.leaseUntil > 0) {
      const waiting = waitMs > 0 && outcome.kind === 'open' ? this.#waiters.wait(tx.gid, waitMs) : outcome;
      const { run, isNew } = this.#running.open(tx.gid, this.#context);
      if (isNew) run.startCreated(tx, plan, durable);
      else run.createdBeside(tx, durable);
      return waiting;
    }
    if (durable.dueAt !== undefined) this.#scheduler.notify(durable.dueAt);
    if (outcome.kind !== 'open' || waitMs === 0) return outcome;
    return this.#awaitOutcome(tx.gid, waitMs, durable.dueAt);
  }

  /** A create whose gid exists: as the transaction stands, if the content is the same. */
  async #repeat(
    request: TransactionRequest,
    intent: OpenIntent,
    waitMs: number,
    stored: StoredTransaction,
  ): Promise<Outcome | undefined> {
    const { gid, definition, hasSteps } = request;
    const tx = readTransaction(stored);
    if (!sameContent(tx.definition, definition, hasSteps)) {
      throw new TandemError('CONFLICTING_REPEAT', `${gid} exists with other content`);
    }
    if (intent === 'prepare') {
      if (tx.head.status === 'prepared') return undefined;
      throw new TandemError('WRONG_STATUS', `${gid} is ${tx.head.status} and cannot be prepared`);
    }
    // Wait first: the outcome may be there before the answer to the event is. When that is a refusal nobody listens any more.
    const outcome = waitMs > 0 ? this.#awaitOutcome(gid, waitMs, undefined) : undefined;
    await this.#deliver(gid, { kind: 'submit', delayMs: request.delayMs }, stored);
    return outcome === undefined ? machineOf(definition.type).outcome(tx) : this.#settledOr(gid, outcome);
  }

  /** Nobody tells the waiter of a transaction that has ended before it came: look once. */
  async #settledOr(gid: Gid, waiting: Promise<Outcome>): Promise<Outcome> {
    const stored = await this.#load(gid);
    if (stored !== undefined) {
      const tx = readTransaction(stored);
      const outcome = machineOf(tx.definition.type).outcome(tx);
      const { leaseUntil, dueAt } = stored.head;
      if (outcome.kind !== 'open') this.#waiters.settle(gid, outcome);
      else if (leaseUntil <= this.#clock.now()) this.#waiters.releaseBefore(gid, dueAt ?? Infinity);
    }
    return waiting;
  }

  #awaitOutcome(gid: Gid, waitMs: number, dueAt: number | undefined): Promise<Outcome> {
    const waiting = this.#waiters.wait(gid, waitMs);
    if (dueAt !== undefined) this.#waiters.releaseBefore(gid, dueAt);
    return waiting;
  }

  #opened(request: TransactionRequest, definition: Definition, intent: OpenIntent, now: number): AtRest {
    const { type } = definition;
    const machine = machineOf(type);
    const head = machine.open(definition, intent, request.delayMs, now);
    const tx: Transaction = { gid: request.gid, definition, head, rows: new Map<string, BranchRow>() };
    return comeToRest(machine, tx, undefined, now, this.#policy.types[type]);
  }

  /** Refuses at the door what no caller could call: found out later, it would leave a transaction half done (K2). */
  #checkUrls({ steps, queryPrepared }: Definition): void {
    for (const { action, compensate } of steps) {
      if (action !== '' && !action.startsWith(topicPrefix)) this.#caller.targetOf(action);
      if (compensate !== '') this.#caller.targetOf(compensate);
    }
    if (queryPrepared !== '') this.#caller.targetOf(queryPrepared);
  }

  async #withSubscribers(definition: Definition): Promise<Definition> {
    const subscribers: Record<string, readonly string[]> = {};
    for (const { action } of definition.steps) {
      if (!action.startsWith(topicPrefix)) continue;
      const topic = action.slice(topicPrefix.length);
      subscribers[topic] ??= await guardStore(() => this.#topics.subscribersOf(topic));
    }
    return { ...definition, subscribers };
  }

  /** Delivers an event to the run of a gid, here or as a visitor, until somebody takes it; throws what is refused. */
  async #deliver(gid: Gid, event: TransactionEvent, known?: StoredTransaction): Promise<void> {
    this.#checkOpen();
    const result = await guardStore(() => this.#deliverOnce(gid, event, known));
    switch (result.kind) {
      case 'changed':
      case 'unchanged':
        return;
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
    if (isNew) run.visit(known);
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
          void this.#wakeTarget(target, queuePerTargetMax);
        },
      },
    );
  }

  /** Wakes some of those that wait durably for a target which has room or answers again, batch by batch. */
  async #wakeTarget(target: string, wakeMax: number): Promise<void> {
    try {
      for (let left = wakeMax; left > 0 && !this.#isClosing;) {
        const now = this.#clock.now();
        const batch = Math.min(wakeBatch, left);
        const woken = await this.#store.wake({ waitsFor: target, dueAfter: now }, now, batch);
        if (woken > 0) this.#scheduler.notify(now);
        left = woken < batch ? 0 : left - woken;
        if (woken === batch && left === 0) this.#context.gate.moreWait(target);
      }
    } catch (error) {
      // They come back by their own due time.
      this.#events.storeFault?.('wake', error);
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
    this.#cancelTending = this.#clock.setTimer(Math.min(leaseTendMs, this.#policy.leaseMs / 10), () => {
      const now = this.#clock.now();
      for (const run of this.#running.all()) run.tendLease(now);
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

function viewOf(stored: StoredTransaction, tx: Transaction): Omit<TransactionView, 'branches'> {
  const { version, dueAt, leaseOwner } = stored.head;
  return { gid: tx.gid, definition: tx.definition, head: tx.head, version, dueAt, leaseOwner };
}

/** A submit that leaves out what was prepared, or names a back-check, mostly follows a prepare: look before writing. */
function isLikelyPrepared({ definition, hasSteps }: TransactionRequest): boolean {
  return definition.type === 'msg' && (!hasSteps || definition.queryPrepared !== '');
}

/** A listing shows no steps: their payloads would make a page as large as all its requests together. */
function listed(stored: StoredTransaction): Omit<TransactionView, 'branches'> {
  const view = viewOf(stored, readTransaction(stored));
  return { ...view, definition: { ...view.definition, steps: [], subscribers: {} } };
}

function dueTime(plan: RestingPlan, now: number): number | undefined {
  if (plan.kind === 'calls') return now;
  return plan.kind === 'wait' ? plan.wakeAt : undefined;
}

/** A store's fault becomes the error that callers know. */
async function guardStore<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    throw new TandemError('STORE_UNAVAILABLE', `the store is ${error.kind}; nothing was acknowledged`, {
      cause: error,
    });
  }
}
