/**
 * How a transaction comes in: prepare and submit, and their repeats.
 *
 * I1. What is refused has stored nothing: limits, URLs and topics are checked first.
 * I2. A transaction that is to run here is stored with its lease, in one write, and starts when that is durable.
 * I3. A repeat answers as the transaction stands; other content under the same gid is a conflict.
 */
import {
  encodeBody,
  fitsJsonRpc,
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
  workflowResult,
} from '@tandem/protocol';
import type { CreateItem, StoredTransaction } from '@tandem/store';
import { comeToRest, type AtRest, type RestingPlan } from './come-to-rest.js';
import type { TransactionRequest, WorkflowProgress } from './coordinator-api.js';
import { guardStore } from './guard-store.js';
import type { RunContext } from './run-context.js';
import type { RunningTransactions } from './running-transactions.js';
import { readTransaction, writeHead, writeRows } from './stored-transaction.js';
import type { Topics } from './topics.js';

/** What intake asks of the coordinator. */
export interface IntakePorts {
  load(gid: Gid): Promise<StoredTransaction | undefined>;
  /** Rejects with what is refused. */
  deliver(gid: Gid, event: TransactionEvent, known?: StoredTransaction): Promise<'changed' | 'unchanged'>;
  /** Tells those who wait what this snapshot says. */
  tell(stored: StoredTransaction | undefined): void;
}

/** How long a create is tried again when the store fails for a moment, in ms. */
const createRetryMs = 1_000;
const topicPrefix = 'topic://';
const openOutcome: Outcome = { kind: 'open' };

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
    if (intent === 'submit' && isLikelyPrepared(request)) {
      const definition = this.#context.recent.definitionOf(request.gid);
      if (definition !== undefined) return this.#submitPrepared(request, definition, waitMs, undefined);
      const stored = await this.#ports.load(request.gid);
      if (stored !== undefined) return this.#repeat(request, intent, waitMs, stored);
      const nothing = `there is no transaction ${request.gid}, and no steps to begin it with`;
      if (!request.hasSteps) throw new TandemError('NOT_FOUND', nothing);
    }
    const created = await this.#create(request, intent, waitMs);
    if (created !== undefined) return created.outcome;
    return this.#repeat(request, intent, waitMs, await this.#existing(request.gid));
  }

  /** Creates a workflow, or answers how far it is: whoever runs its code asks so, each time. */
  async takeWorkflow(request: TransactionRequest): Promise<WorkflowProgress> {
    if (request.definition.type !== 'workflow') {
      throw new TandemError('INVALID_REQUEST', `a ${request.definition.type} is no workflow: prepare it as what it is`);
    }
    const created = await this.#create(request, 'prepare', 0);
    if (created !== undefined) return progressOf(created.tx);
    const tx = readTransaction(await this.#existing(request.gid));
    if (tx.definition.type === 'workflow') return progressOf(tx);
    throw new TandemError('CONFLICTING_REPEAT', `${tx.gid} exists and is a ${tx.definition.type}`);
  }

  /** Nobody tells the waiter of a transaction that has ended before it came: look once. */
  async settledOr(gid: Gid, waiting: Promise<Outcome>): Promise<Outcome> {
    this.#ports.tell(await this.#ports.load(gid));
    return waiting;
  }

  /** Undefined: the gid exists. */
  async #create(
    request: TransactionRequest,
    intent: OpenIntent,
    waitMs: number,
  ): Promise<{ readonly tx: Transaction; readonly outcome: Outcome } | undefined> {
    const hasTopics = request.definition.steps.some((step) => step.action.startsWith(topicPrefix));
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
    return outcome === undefined ? undefined : { tx: atRest.tx, outcome: await outcome };
  }

  async #existing(gid: Gid): Promise<StoredTransaction> {
    const stored = await this.#ports.load(gid);
    // Purged in this very moment: as good as new, and the next request will find it so.
    if (stored === undefined) throw new TandemError('STORE_UNAVAILABLE', `${gid} was purged just now`);
    return stored;
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
    if (tx.head.status === 'prepared') {
      // With rows of its own: a run takes and changes them while this request's answer is still to be made of these.
      const own = { ...tx, rows: new Map(tx.rows) };
      this.#context.recent.remember({ tx: own, durable: { ...durable, isHeld: false } }, undefined);
    }
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
    const tx = readTransaction(stored);
    if (intent === 'submit') return this.#submitPrepared(request, tx.definition, waitMs, stored);
    checkSame(request, tx.definition);
    if (tx.head.status === 'prepared') return undefined;
    throw new TandemError('WRONG_STATUS', `${tx.gid} is ${tx.head.status} and cannot be prepared`);
  }

  /** The submit of what exists, prepared or not; `stored` is what was read of it, if it was. */
  async #submitPrepared(
    request: TransactionRequest,
    definition: Definition,
    waitMs: number,
    stored: StoredTransaction | undefined,
  ): Promise<Outcome> {
    checkSame(request, definition);
    const { gid, delayMs, verdict } = request;
    // Wait first: the outcome may be there before the answer to the event is. When that is a refusal nobody listens any more.
    const outcome = waitMs > 0 ? this.#awaitOutcome(gid, waitMs, undefined) : undefined;
    const event: TransactionEvent = { kind: 'submit', delayMs, ...(verdict === undefined ? undefined : { verdict }) };
    const effect = await this.#ports.deliver(gid, event, stored);
    if (outcome === undefined) return openOutcome;
    return effect === 'changed' ? outcome : this.settledOr(gid, outcome);
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
    for (const { action, payload } of definition.steps) {
      if (!action.startsWith(topicPrefix)) continue;
      const topic = action.slice(topicPrefix.length);
      const urls = (subscribers[topic] ??= await guardStore(() => this.#topics.subscribersOf(topic)));
      branches += urls.length - 1;
      if (urls.every((url) => fitsJsonRpc(definition.protocol, url, payload))) continue;
      throw new TandemError('INVALID_REQUEST', `the payload for ${action} must be a JSON object: JSON-RPC calls it`);
    }
    if (branches > limits.branchesMax) {
      throw new TandemError('LIMIT_EXCEEDED', `its topics make ${String(branches)} branches of its steps`);
    }
    return { ...definition, subscribers };
  }
}

/**
 * What is always prepared first; and a message's submit that leaves out what was prepared, or names a back-check, mostly
 * follows a prepare: look before writing.
 */
function isLikelyPrepared({ definition, hasSteps }: TransactionRequest): boolean {
  if (definition.type === 'saga') return false;
  return definition.type !== 'msg' || !hasSteps || definition.queryPrepared !== '';
}

function checkSame({ gid, definition, hasSteps }: TransactionRequest, stored: Definition): void {
  if (!sameContent(stored, definition, hasSteps)) {
    throw new TandemError('CONFLICTING_REPEAT', `${gid} exists with other content`);
  }
}

function progressOf(tx: Transaction): WorkflowProgress {
  const steps = machineOf('workflow')
    .branches(tx)
    .filter(({ op }) => op !== 'resume');
  const { gid, head, definition } = tx;
  return { gid, head, customData: definition.customData, result: workflowResult(tx), steps };
}

function dueTime(plan: RestingPlan, now: number): number | undefined {
  if (plan.kind === 'calls') return now;
  return plan.kind === 'wait' ? plan.wakeAt : undefined;
}
