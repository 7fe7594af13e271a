/**
 * One run of one transaction on this node: events in, commits and calls out. What it knows of the transaction is in
 * known-transaction.ts, its writes and reads are in store-exchange.ts, its calls in branch-calls.ts.
 *
 * R1. One commit of a gid is under way; what arrives meanwhile rides in the next one.
 * R2. A call goes out only when the state that asks for it is durable, the lease is held and not near its end, and no
 *     other call of the same branch is outstanding.
 * R3. After a conflict the run reads again: the same epoch means that somebody else changed something, and it reacts on the
 *     new state; another epoch means that it is no longer the runner, and it makes no further call.
 * R4. A run that ends has given its lease back, or has lost it, or could not reach the store; it leaves no call behind.
 * R5. Verbs hear of their event after it is durable, never before; that nothing had to change is said of what is stored, not
 *     of what this node remembers.
 * R6. Replies of the store may overtake each other: what is older than what the run knows is not taken, and what comes
 *     while a commit or a load is under way is looked at after it.
 * R7. A stop or pause at another node is seen before a call starts if it is a second old; a younger one may be seen after it.
 */
import {
  applyMutation,
  InvariantError,
  mergeMutations,
  TandemError,
  type Call,
  type Gid,
  type Mutation,
  type Transaction,
  type TransactionEvent,
} from '@tandem/protocol';
import type { LeaseChange, StoredTransaction, WriteResult } from '@tandem/store';
import { BranchCalls, keyOf, type Postponed } from './branch-calls.js';
import { comeToRest, type RestingPlan } from './come-to-rest.js';
import {
  asksForRetry,
  attended,
  isVerb,
  rejectAll,
  settleAll,
  settleLate,
  successesLast,
  unattended,
  type Delivery,
  type DeliveryResult,
} from './delivery.js';
import { KnownTransaction, type Subject } from './known-transaction.js';
import type { RecentTransactions } from './recent-transactions.js';
import type { RunContext } from './run-context.js';
import { leaseAsHolder, leaseAsVisitor, noteApplied, release, type Durable, type LeaseChoice } from './run-lease.js';
import { reportFinished, reportReaction } from './run-reports.js';
import { StoreExchange, type Commit } from './store-exchange.js';

const noDeliveries: readonly Delivery[] = [];
/** How long a verb on a transaction that this node does not run waits for the store, in ms. */
const visitorWriteMs = 2_000;

export class TransactionRun {
  readonly gid: Gid;
  readonly #context: RunContext;
  readonly #known: KnownTransaction;
  readonly #exchange: StoreExchange;
  readonly #calls: BranchCalls;
  #inbox: Delivery[] = [];
  /** Calls that durable state allows and that may not have been started; see R2. */
  #allowed: readonly Call[] = [];
  #isEnded = false;
  #wasRefused = false;
  #created: { readonly tx: Transaction; readonly durable: Durable } | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(gid: Gid, context: RunContext) {
    this.gid = gid;
    this.#context = context;
    this.#known = new KnownTransaction(context.owner, context.policy.types);
    this.#exchange = new StoreExchange(gid, context, {
      written: (subject, result, commit) => {
        if (this.#isEnded) settleLate(commit.deliveries, result);
        else
          this.#guarded(() => {
            this.#written(subject, result, commit);
          });
      },
      notWritten: ({ deliveries }, error) => {
        rejectAll(deliveries, error);
        this.#end(error);
      },
      read: (stored) => {
        if (!this.#isEnded)
          this.#guarded(() => {
            this.#reloaded(stored);
          });
      },
      notRead: (error) => {
        this.#end(error);
      },
    });
    this.#calls = new BranchCalls(gid, context, {
      answered: (call, result) => {
        const { branchId, op, url } = call;
        this.#inbox.push(unattended({ kind: 'branchAnswered', branchId, op, result }, url));
      },
      ready: () => {
        this.#advance();
      },
    });
  }

  /** Whether it runs its transaction; a visitor does not. */
  get holdsLease(): boolean {
    return this.#known.subject?.durable.isHeld === true;
  }

  /** Begins with what this node has just created and leased. */
  startCreated(tx: Transaction, plan: RestingPlan, durable: Omit<Durable, 'isHeld'>): void {
    this.#guarded(() => {
      const subject = this.#take(tx, { ...durable, isHeld: true });
      this.#allowed = callsOf(plan);
      const now = this.#context.clock.now();
      this.#known.noteFresh(now);
      this.#follow(subject, plan, now);
    });
  }

  /** Begins, or goes on, with a snapshot whose lease this node has just claimed. */
  adopt(stored: StoredTransaction): void {
    this.#known.keepClaimed(stored);
    if (this.#exchange.isUnderWay) return;
    this.#guarded(() => {
      if (this.#takeClaimed()) this.#advance();
    });
  }

  /** Takes the claim's snapshot, unless what is known is newer (R6). */
  #takeClaimed(): boolean {
    const claimed = this.#known.newerClaim();
    if (claimed === undefined) return false;
    const { tx, machine, defaults } = this.#read(claimed);
    // It was claimed although it waits for a back-off: somebody made it due, so the back-off is over.
    const plan = machine.plan(tx, this.#context.clock.now(), defaults);
    if (plan.kind === 'wait') this.#inbox.push(unattended({ kind: 'retryNow' }));
    return true;
  }

  /**
   * Begins without a lease, with what was just read, what this node knew last, or by reading: a verb that was delivered wants
   * to change it.
   */
  visit(known: StoredTransaction | undefined, recent: ReturnType<RecentTransactions['take']>): void {
    if (known === undefined && recent !== undefined) {
      this.#guarded(() => {
        this.#known.noteFresh(this.#context.clock.now());
        this.#known.noteSize(recent.bytes);
        this.#take(recent.tx, recent.durable);
        this.#advance();
      });
      return;
    }
    // A lease that was read before this run was the only one here may be that of a run which has ended since.
    if (known === undefined || known.head.leaseUntil > 0) this.#reload();
    else {
      for (const arrived of this.#inbox) arrived.isConfirmed = true;
      this.#guarded(() => {
        this.#reloaded(known);
      });
    }
  }

  /** Hands an event in; resolves when what it changed is durable (R5). */
  deliver(event: TransactionEvent): Promise<DeliveryResult> {
    return new Promise((resolve, reject) => {
      this.#inbox.push(attended(event, { resolve, reject }));
      this.lookAgain();
    });
  }

  /**
   * Looks at the lease: renews it well before its end, and gives the run up when that has not worked and the next look would
   * come too late: the allowance for clocks that differ is not there for waiting.
   */
  tendLease(now: number, nextLookAt: number): void {
    const { subject } = this.#known;
    if (subject?.durable.isHeld !== true || this.#isEnded) return;
    const { durable } = subject;
    if (nextLookAt > this.#usableUntil(durable)) this.#lose();
    else if (!this.#exchange.isUnderWay && durable.leaseUntil - now < (this.#context.policy.leaseMs * 2) / 3) {
      this.#guarded(() => {
        this.#renew(subject, now);
      });
    }
  }

  /** Its transaction was created, leased, while this run was reading it for a verb: what it reads may be older. */
  createdBeside(tx: Transaction, durable: Omit<Durable, 'isHeld'>): void {
    if (this.#known.subject === undefined) this.#created = { tx, durable: { ...durable, isHeld: true } };
    else this.#advance();
  }

  /** Something outside changed: a shutdown has begun, say. */
  lookAgain(): void {
    if (this.#known.subject !== undefined) this.#advance();
  }

  /** Cancels what is out and gives the lease back, due at once: for the end of a shutdown's grace. */
  handOver(): void {
    this.#dropCalls();
    this.lookAgain();
  }

  #take(tx: Transaction, durable: Durable): Subject {
    this.#context.began(this, tx.definition.type);
    return this.#known.take(tx, durable);
  }

  #read(stored: StoredTransaction): Subject {
    this.#allowed = [];
    const subject = this.#known.read(stored, this.#context.clock.now());
    this.#context.began(this, subject.tx.definition.type);
    return subject;
  }

  #advance(): void {
    if (this.#isEnded || this.#exchange.isUnderWay) return;
    this.#guarded(() => {
      this.#step(this.#known.expected());
    });
  }

  /** A defect in one run must not reach the others, and must not leave this one's verbs waiting. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#context.events.defect?.(error);
      this.#end(error);
    }
  }

  /** Folds what has arrived, asks the machine what comes next, and does it: one commit, or calls, or the end. */
  #step(subject: Subject): void {
    const now = this.#context.clock.now();
    const deliveries = successesLast(this.#inbox);
    this.#inbox = [];
    const folded = this.#fold(subject, deliveries, now);
    const { tx, mutation, plan } = comeToRest(subject.machine, subject.tx, folded, now, subject.defaults);
    subject.tx = tx;
    // A place in a queue that the plan no longer asks for is nothing to wait for.
    if (plan.kind !== 'calls') this.#calls.leaveQueues();
    if (mutation !== undefined) {
      // What the state before this change allowed and the state after it still wants need not wait for the commit.
      if (plan.kind === 'calls' && this.#allowed.length > 0 && !this.#known.isStale(now))
        this.#startCalls(subject, this.#stillWanted(plan.calls), now);
      if (this.#isEnded) rejectAll(deliveries, leaseEnded());
      else this.#write(subject, mutation, plan, deliveries, now);
    } else if (!subject.durable.isHeld && plan.kind === 'calls' && asksForRetry(deliveries)) {
      // Nothing to change but the due time: a target that was down made it wait, and a person does not want to.
      this.#write(subject, undefined, plan, deliveries, now);
    } else if (deliveries.some((arrived) => isVerb(arrived) && !arrived.isConfirmed)) {
      this.#inbox.push(...deliveries.filter(isVerb));
      this.#reload();
    } else {
      settleAll(deliveries);
      this.#follow(subject, plan, now);
    }
  }

  #fold(subject: Subject, deliveries: readonly Delivery[], now: number): Mutation | undefined {
    const mutations: Mutation[] = [];
    for (const arrived of deliveries) {
      const reaction = subject.machine.react(subject.tx, arrived.event, now, subject.defaults);
      arrived.reaction = reaction;
      if (reaction.kind !== 'changed') continue;
      mutations.push(reaction.mutation);
      subject.tx = applyMutation(subject.tx, reaction.mutation, now);
      reportReaction(this.#context.events, subject.tx, arrived, reaction.mutation);
    }
    return mutations.length === 0 ? undefined : mergeMutations(mutations);
  }

  #stillWanted(calls: readonly Call[]): readonly Call[] {
    const allowed = new Set(this.#allowed.map(keyOf));
    return calls.filter((call) => allowed.has(keyOf(call)));
  }

  /** Makes a change durable; which lease and due time go with it follows from what comes next. */
  #write(
    subject: Subject,
    mutation: Mutation | undefined,
    plan: RestingPlan,
    deliveries: readonly Delivery[],
    now: number,
  ): void {
    const waitsFor = plan.kind === 'wait' && plan.waitsFor !== undefined ? this.#calls.targetOf(plan.waitsFor) : '';
    const { lease, dueAt } = this.#choose(subject, plan, now);
    this.#commit(subject, { lease, dueAt, mutation, waitsFor, plan, deliveries });
  }

  #choose({ durable, tx }: Subject, plan: RestingPlan, now: number): LeaseChoice {
    const { owner, policy } = this.#context;
    const { leaseMs } = policy;
    const isClosing = this.#context.isClosing();
    if (durable.isHeld) return leaseAsHolder(plan, { durable, isIdle: this.#calls.isIdle, isClosing, leaseMs }, now);
    const isFull = isClosing || !this.#context.hasRoom(tx.definition.type);
    return leaseAsVisitor(plan, { durable, owner, leaseMs, isFull }, now);
  }

  #renew(subject: Subject, now: number): void {
    const rest = subject.machine.plan(subject.tx, now, subject.defaults);
    // A change that is due shows at the look after the renewal.
    const plan: RestingPlan = rest.kind === 'mutate' ? { kind: 'calls', calls: [], wakeAt: now } : rest;
    const lease: LeaseChange = { kind: 'renew', untilMs: now + this.#context.policy.leaseMs };
    const { dueAt } = subject.durable;
    this.#commit(subject, { lease, dueAt, mutation: undefined, waitsFor: '', plan, deliveries: noDeliveries });
  }

  #commit(subject: Subject, commit: Commit): void {
    this.#stopTimer();
    this.#known.noteRows(commit.mutation?.rows);
    const { durable } = subject;
    const retryUntil = durable.isHeld ? this.#usableUntil(durable) : this.#context.clock.now() + visitorWriteMs;
    this.#exchange.write(subject, commit, retryUntil);
  }

  #written(subject: Subject, result: WriteResult, commit: Commit): void {
    switch (result.kind) {
      case 'applied':
        this.#applied(subject, result, commit);
        return;
      case 'conflict':
      case 'exists':
        this.#inbox.unshift(...commit.deliveries);
        this.#reload();
        return;
      case 'refused':
        this.#refused(result.reason, commit);
        return;
    }
  }

  #applied(subject: Subject, result: { readonly version: number; readonly epoch: number }, commit: Commit): void {
    const { durable } = subject;
    this.#known.noteFresh(this.#context.clock.now());
    noteApplied(durable, result, commit);
    settleAll(commit.deliveries);
    if (commit.parkedFor !== undefined && commit.parkedFor !== '') this.#context.gate.parked(commit.parkedFor);
    if (commit.plan.kind === 'finished') reportFinished(this.#context.events, subject.tx);
    this.#allowed = callsOf(commit.plan);
    if (this.#takeClaimed()) {
      this.#advance();
      return;
    }
    if (this.#inbox.length > 0 && durable.isHeld) {
      this.#tellWaiters(subject, commit.plan);
      this.#advance();
    } else this.#follow(subject, commit.plan, this.#context.clock.now());
  }

  /**
   * The engine will never take this change. The verbs that were part of it are told; where nothing else was, that is the end of
   * it. Else trying again for ever would help nobody, so the transaction is paused, where a person sees it.
   */
  #refused(reason: string, { deliveries }: Commit): void {
    const error = new TandemError('LIMIT_EXCEEDED', `the store refuses the change: ${reason}`);
    rejectAll(deliveries, error);
    if (deliveries.length > 0 && deliveries.every(isVerb)) {
      this.#reload();
      return;
    }
    this.#context.events.defect?.(error);
    if (this.#wasRefused) {
      this.#end(error);
      return;
    }
    this.#wasRefused = true;
    this.#dropCalls();
    this.#inbox = [unattended({ kind: 'pause', reason: error.message }), ...this.#inbox.filter(isVerb)];
    this.#reload();
  }

  /** The state is durable and nothing has arrived since: do what it asks for. */
  #follow(subject: Subject, plan: RestingPlan, now: number): void {
    this.#tellWaiters(subject, plan);
    if (!subject.durable.isHeld) {
      this.#leave(subject);
      return;
    }
    if (plan.kind === 'calls') this.#followCalls(subject, plan, now);
    // Nothing to do here now: that write gives the lease back.
    else if (!this.#calls.isAnyOut) this.#write(subject, undefined, plan, noDeliveries, now);
    else if (plan.kind === 'wait') this.#setTimer(plan.wakeAt, now);
  }

  #followCalls(subject: Subject, plan: Extract<RestingPlan, { kind: 'calls' }>, now: number): void {
    if (this.#context.isClosing()) {
      if (!this.#calls.isAnyOut) this.#giveBack(subject, plan, { retryAt: now, target: '' });
      return;
    }
    if (this.#known.isStale(now) && this.#calls.hasUnstarted(plan.calls)) {
      this.#reload();
      return;
    }
    const postponed = this.#startCalls(subject, plan.calls, now);
    const insteadAt =
      postponed !== undefined && this.#calls.isIdle ? this.#startInstead(subject, plan.calls, now) : Infinity;
    if (this.#isEnded) return;
    const lookAgainAt = Math.min(plan.wakeAt ?? Infinity, postponed?.retryAt ?? Infinity, insteadAt);
    if (postponed !== undefined && this.#calls.isIdle) {
      this.#giveBack(subject, plan, { retryAt: lookAgainAt, target: postponed.target });
    } else if (lookAgainAt !== Infinity) this.#setTimer(lookAgainAt, now);
  }

  /**
   * None of these can be made for now: starts what may go on without them, so that a target that is down holds up its own
   * branches only. Answers when to look again.
   */
  #startInstead(subject: Subject, postponed: readonly Call[], now: number): number {
    const targets = new Set<string>();
    const isPutOff = (url: string): boolean => targets.has(this.#calls.targetOf(url));
    let lookAgainAt = Infinity;
    for (let calls = postponed; calls.some(({ url }) => !isPutOff(url)) && this.#calls.isIdle && !this.#isEnded;) {
      for (const { url } of calls) targets.add(this.#calls.targetOf(url));
      const plan = subject.machine.plan(subject.tx, now, { ...subject.defaults, isPutOff });
      if (plan.kind === 'wait') return Math.min(lookAgainAt, plan.wakeAt);
      if (plan.kind !== 'calls') break;
      calls = plan.calls.filter(({ url }) => !isPutOff(url));
      const retryAt = this.#startCalls(subject, calls, now)?.retryAt;
      lookAgainAt = Math.min(lookAgainAt, plan.wakeAt ?? Infinity, retryAt ?? Infinity);
    }
    return lookAgainAt;
  }

  /** Nothing may be called here for now: wait durably. */
  #giveBack(subject: Subject, plan: RestingPlan, { retryAt, target }: Postponed): void {
    this.#allowed = [];
    this.#calls.leaveQueues();
    this.#context.waiters.releaseBefore(this.gid, retryAt);
    const wait = { lease: release, dueAt: retryAt, waitsFor: target, parkedFor: target };
    this.#commit(subject, { ...wait, mutation: undefined, plan, deliveries: noDeliveries });
  }

  /** Starts what may start now; answers the earliest time at which a postponed call may be asked for again. */
  #startCalls(subject: Subject, calls: readonly Call[], now: number): Postponed | undefined {
    if (now >= this.#usableUntil(subject.durable)) {
      this.#lose();
      return undefined;
    }
    return this.#calls.start(subject.tx, calls, now);
  }

  /** Reads what is stored now, and goes on from there if this node may (R3). */
  #reload(): void {
    this.#exchange.read([...this.#inbox]);
  }

  #reloaded(stored: StoredTransaction | undefined): void {
    if (stored === undefined && this.#created !== undefined) {
      this.#take(this.#created.tx, this.#created.durable);
      this.#advance();
      return;
    }
    if (stored === undefined) {
      this.#notFound();
      return;
    }
    const before = this.#known.subject?.durable;
    const { durable } = this.#read(stored);
    if (this.#takeClaimed()) {
      this.#advance();
      return;
    }
    if (before?.isHeld === true && (!durable.isHeld || durable.epoch !== before.epoch)) {
      // Another node runs it, or it was finished under us: no further call, but verbs that wait are still served.
      durable.isHeld = false;
      this.#dropCalls();
      this.#inbox = this.#inbox.filter(isVerb);
      this.#context.events.leaseLost?.(this.gid);
    }
    this.#advance();
  }

  /** There was nothing to read. What has come since may know of something younger: for that it is read again (R6). */
  #notFound(): void {
    const inbox = this.#takeInbox();
    this.#inbox = inbox.filter((arrived) => !arrived.isConfirmed);
    for (const arrived of inbox) if (arrived.isConfirmed) arrived.settle?.resolve({ kind: 'notFound' });
    if (this.#inbox.length > 0) this.#reload();
    else this.#end(undefined);
  }

  /** The lease ran out under us: somebody else may be at work by now. */
  #lose(): void {
    const { durable } = this.#known.expected();
    this.#context.events.leaseLost?.(this.gid);
    this.#context.dueAt(durable.leaseUntil);
    this.#end(leaseEnded());
  }

  /** Without the lease there is nothing to run; verbs that arrived meanwhile are served as a visitor's. */
  #leave(subject: Subject): void {
    this.#dropCalls();
    const verbs = this.#takeInbox().filter(isVerb);
    if (verbs.length > 0) {
      this.#inbox = verbs;
      this.#advance();
      return;
    }
    const { tx, durable } = subject;
    // What another node holds can be claimed when its lease has ended, however long it has been due.
    if (durable.dueAt !== undefined) this.#context.dueAt(Math.max(durable.dueAt, durable.leaseUntil));
    this.#end(undefined);
    if (tx.head.status === 'prepared' && durable.leaseUntil === 0) {
      this.#context.recent.remember({ tx, durable }, this.#known.size);
    }
  }

  #end(error: unknown): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#stopTimer();
    this.#dropCalls();
    if (this.#inbox.length > 0) rejectAll(this.#takeInbox(), error ?? new InvariantError('the run has ended'));
    this.#context.ended(this);
    if (error !== undefined) this.#context.waiters.settle(this.gid, { kind: 'open' });
  }

  #dropCalls(): void {
    this.#allowed = [];
    this.#calls.drop();
  }

  #takeInbox(): Delivery[] {
    const inbox = this.#inbox;
    this.#inbox = [];
    return inbox;
  }

  #tellWaiters(subject: Subject, plan: RestingPlan): void {
    const { waiters } = this.#context;
    if (!waiters.has(this.gid)) return;
    const outcome = subject.machine.outcome(subject.tx);
    if (outcome.kind !== 'open') waiters.settle(this.gid, outcome);
    // What has come meanwhile, a submit say, is what somebody waits for: this plan does not know of it.
    else if (this.#inbox.length > 0) return;
    else if (plan.kind === 'paused') waiters.releaseBefore(this.gid, Infinity);
    else if (plan.kind === 'wait' && !this.#calls.isAnyOut) waiters.releaseBefore(this.gid, plan.wakeAt);
  }

  #usableUntil(durable: Durable): number {
    return durable.leaseUntil - this.#context.policy.skewMs;
  }

  #setTimer(at: number, now: number): void {
    this.#stopTimer();
    this.#cancelTimer = this.#context.clock.setTimer(at - now, () => {
      this.#cancelTimer = undefined;
      this.#advance();
    });
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}

function callsOf(plan: RestingPlan): readonly Call[] {
  return plan.kind === 'calls' ? plan.calls : [];
}

function leaseEnded(): TandemError {
  return new TandemError('STORE_UNAVAILABLE', 'the lease ended before the change was durable; ask again');
}
