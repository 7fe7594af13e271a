/**
 * How a transaction comes in: prepare and submit, and their repeats.
 *
 * I1. What is refused has stored nothing: limits, URLs and topics are checked first.
 * I2. A transaction that is to run here is stored with its lease, in one write, and starts when that is durable.
 * I3. A repeat answers as the transaction stands; other content under the same gid is a conflict.
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
} from '@tandem/protocol';
import type { CreateItem, StoredTransaction } from '@tandem/store';
import { comeToRest, type AtRest, type RestingPlan } from './come-to-rest.js';
import type { TransactionRequest } from './coordinator-api.js';
import { guardStore } from './guard-store.js';
import type { RunContext } from './run-context.js';
import type { RunningTransactions } from './running-transactions.js';
import { readTransaction, writeHead, writeRows } from './stored-transaction.js';
import type { Topics } from './topics.js';

/** What intake asks of the coordinator. */
export interface IntakePorts {
  load(gid: Gid): Promise<StoredTransaction | undefined>;
  /** Rejects with what is refused. */
  deliver(gid: Gid, event: TransactionEvent, known: StoredTransaction): Promise<'changed' | 'unchanged'>;
}

/** How long a create is tried again when the store fails for a moment, in ms. */
const createRetryMs = 1_000;
const topicPrefix = 'topic://';

export class Intake {
  readonly #context: RunContext;
  readonly #running: RunningTransactions;
  readonly #topics: Topics;
  readonly #ports: IntakePorts;

  constructor(context: RunContext, running: RunningTransactions, topics: Topics, ports: IntakePorts) {
    this.#context = context;
    this.#running = running;
    this.#topics = topics;
    this.#ports = ports;
  }

  /** Creates a transaction, or takes the request as a repeat; answers the outcome to a submit that waits for it. */
  async take(request: TransactionRequest, intent: OpenIntent, waitMs: number): Promise<Outcome | undefined> {
    const hasTopics = request.definition.steps.some((step) => step.action.startsWith(topicPrefix));
    if (intent === 'submit' && isLikelyPrepared(request)) {
      const stored = await this.#ports.load(request.gid);
      if (stored !== undefined) return this.#repeat(request, intent, waitMs, stored);
      if (!request.hasSteps) throw new TandemError('NOT_FOUND', `there is no transaction ${request.gid}`);
    }
    this.#checkUrls(request.definition);
    const definition = hasTopics ? await this.#withSubscribers(request.definition) : request.definition;
    const now = this.#context.clock.now();
    const atRest = this.#opened(request, definition, intent, now);
    const isRunning = atRest.plan.kind === 'calls' && this.#running.reserve(definition.type, this.#context.policy);
    const leaseUntil = isRunning ? now + this.#context.policy.leaseMs : 0;
    const dueAt = dueTime(atRest.plan, now);
    let outcome: Promise<Outcome> | Outcome | undefined;
    try {
      const result = await this.#writeNew(request.gid, atRest, dueAt, leaseUntil, now);
      if (result.kind === 'applied') {
        this.#context.events.created?.(definition.type);
        outcome = this.#begin(atRest, { version: result.version, epoch: result.epoch, leaseUntil, dueAt }, waitMs);
      }
    } finally {
      // What was begun counts by itself; how long its caller waits is another matter.
      if (isRunning) this.#running.unreserve(definition.type);
    }
    if (outcome !== undefined) return outcome;
    const stored = await this.#ports.load(request.gid);
    // Purged in this very moment: as good as new, and the next request will find it so.
    if (stored === undefined) throw new TandemError('STORE_UNAVAILABLE', `${request.gid} was purged just now`);
    return this.#repeat(request, intent, waitMs, stored);
  }

  async #writeNew(gid: Gid, { tx, mutation }: AtRest, dueAt: number | undefined, leaseUntil: number, now: number) {
    const item: CreateItem = {
      kind: 'create',
      gid,
      token: this.#context.nextToken(),
      head: writeHead(tx, dueAt, ''),
      body: encodeBody(tx.definition),
      rows: writeRows(mutation?.rows),
      lease: leaseUntil === 0 ? undefined : { owner: this.#context.owner, untilMs: leaseUntil },
    };
    const result = await guardStore(() => this.#context.writes.write(item, { retryUntil: now + createRetryMs }));
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
      const waiting = waitMs > 0 && outcome.kind === 'open' ? this.#context.waiters.wait(tx.gid, waitMs) : outcome;
      const { run, isNew } = this.#running.open(tx.gid, this.#context);
      if (isNew) run.startCreated(tx, plan, durable);
      else run.createdBeside(tx, durable);
      return waiting;
    }
    if (durable.dueAt !== undefined) this.#context.dueAt(durable.dueAt);
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
    const effect = await this.#ports.deliver(gid, { kind: 'submit', delayMs: request.delayMs }, stored);
    if (outcome === undefined) return machineOf(definition.type).outcome(tx);
    return effect === 'changed' ? outcome : this.#settledOr(gid, outcome);
  }

  /** Nobody tells the waiter of a transaction that has ended before it came: look once. */
  async #settledOr(gid: Gid, waiting: Promise<Outcome>): Promise<Outcome> {
    const stored = await this.#ports.load(gid);
    if (stored !== undefined) {
      const tx = readTransaction(stored);
      const outcome = machineOf(tx.definition.type).outcome(tx);
      const { leaseUntil, dueAt } = stored.head;
      if (outcome.kind !== 'open') this.#context.waiters.settle(gid, outcome);
      else if (leaseUntil <= this.#context.clock.now()) this.#context.waiters.releaseBefore(gid, dueAt ?? Infinity);
    }
    return waiting;
  }

  #awaitOutcome(gid: Gid, waitMs: number, dueAt: number | undefined): Promise<Outcome> {
    const waiting = this.#context.waiters.wait(gid, waitMs);
    if (dueAt !== undefined) this.#context.waiters.releaseBefore(gid, dueAt);
    return waiting;
  }

  #opened(request: TransactionRequest, definition: Definition, intent: OpenIntent, now: number): AtRest {
    const { type } = definition;
    const machine = machineOf(type);
    const head = machine.open(definition, intent, request.delayMs, now);
    const tx: Transaction = { gid: request.gid, definition, head, rows: new Map<string, BranchRow>() };
    return comeToRest(machine, tx, undefined, now, this.#context.policy.types[type]);
  }

  /** Refuses at the door what no caller could call: found out later, it would leave a transaction half done (K2). */
  #checkUrls({ steps, queryPrepared }: Definition): void {
    for (const { action, compensate } of steps) {
      if (action !== '' && !action.startsWith(topicPrefix)) this.#context.caller.targetOf(action);
      if (compensate !== '') this.#context.caller.targetOf(compensate);
    }
    if (queryPrepared !== '') this.#context.caller.targetOf(queryPrepared);
  }

  async #withSubscribers(definition: Definition): Promise<Definition> {
    const subscribers: Record<string, readonly string[]> = {};
    let branches = definition.steps.length;
    for (const { action } of definition.steps) {
      if (!action.startsWith(topicPrefix)) continue;
      const topic = action.slice(topicPrefix.length);
      const urls = (subscribers[topic] ??= await guardStore(() => this.#topics.subscribersOf(topic)));
      branches += urls.length - 1;
    }
    if (branches > limits.branchesMax) {
      throw new TandemError('LIMIT_EXCEEDED', `its topics make ${String(branches)} branches of its steps`);
    }
    return { ...definition, subscribers };
  }
}

/** A submit that leaves out what was prepared, or names a back-check, mostly follows a prepare: look before writing. */
function isLikelyPrepared({ definition, hasSteps }: TransactionRequest): boolean {
  return definition.type === 'msg' && (!hasSteps || definition.queryPrepared !== '');
}

function dueTime(plan: RestingPlan, now: number): number | undefined {
  if (plan.kind === 'calls') return now;
  return plan.kind === 'wait' ? plan.wakeAt : undefined;
}
