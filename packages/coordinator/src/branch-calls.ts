/**
 * The calls of one run: those that are out, and the targets whose queue it stands in.
 *
 * B1. No two calls of one branch are out at once: a compensation waits for the answer to its action.
 * B2. Every place taken at the gate is given back exactly once, however the call ends.
 * B3. After `drop` nothing is heard of the calls that were out.
 */
import type { BranchResult, Call, Gid, Transaction } from '@tandem/protocol';
import type { BranchCall, BranchCaller } from './ports.js';
import type { RunContext } from './run-context.js';
import type { GatePlace } from './target-gate.js';

interface OutstandingCall {
  readonly branchId: string;
  readonly place: GatePlace;
  readonly startedAt: number;
  readonly cancel: () => void;
}

/** Nothing may be called there before `retryAt`. */
export interface Postponed {
  readonly retryAt: number;
  readonly target: string;
}

/** What the calls tell their run. */
export interface CallEvents {
  /** An answer has come. Only to be noted: the place at the gate is not given back yet. */
  answered(call: Call, result: BranchResult): void;
  /** It is time to look again: an answer was noted, or a target whose queue the run stood in has room. */
  ready(): void;
}

const couldNotCall: BranchResult = { kind: 'unknown', reason: 'the call could not be made' };
const targetCharactersMax = 300;

export class BranchCalls {
  readonly #gid: Gid;
  readonly #context: RunContext;
  readonly #on: CallEvents;
  readonly #out = new Map<string, OutstandingCall>();
  readonly #queuedFor = new Set<string>();

  constructor(gid: Gid, context: RunContext, on: CallEvents) {
    this.#gid = gid;
    this.#context = context;
    this.#on = on;
  }

  get isAnyOut(): boolean {
    return this.#out.size > 0;
  }

  /** No call is out and none is queued. */
  get isIdle(): boolean {
    return this.#out.size === 0 && this.#queuedFor.size === 0;
  }

  /** Whether any of these is neither out nor waits for another call of its branch. */
  hasUnstarted(calls: readonly Call[]): boolean {
    return calls.some((call) => !this.#hasOut(call.branchId));
  }

  /** Starts what may start now; answers the earliest time at which a postponed call may be asked for again. */
  start(tx: Transaction, calls: readonly Call[], now: number): Postponed | undefined {
    let postponed: Postponed | undefined;
    for (const call of calls) {
      if (this.#hasOut(call.branchId)) continue;
      const target = this.targetOf(call.url);
      if (this.#queuedFor.has(target)) continue;
      const entry = this.#context.gate.enter(target, () => {
        // Who has left the queue is told nothing: it may be in the middle of dropping its calls.
        if (this.#queuedFor.delete(target)) this.#on.ready();
      });
      if (entry.kind === 'entered') this.#call(tx, call, entry.place, now);
      else if (entry.kind === 'queued') this.#queuedFor.add(target);
      else if (postponed === undefined || entry.retryAt < postponed.retryAt) {
        postponed = { retryAt: entry.retryAt, target };
      }
    }
    return postponed;
  }

  /** A URL that no caller can read is its own target: its calls answer `unknown` and say why. */
  targetOf(url: string): string {
    try {
      return this.#context.caller.targetOf(url);
    } catch {
      return url.slice(0, targetCharactersMax);
    }
  }

  /** The places in queues are not wanted any more. */
  leaveQueues(): void {
    this.#queuedFor.clear();
  }

  /** Cancels what is out and leaves the queues. */
  drop(): void {
    const out = [...this.#out.values()];
    this.#out.clear();
    this.#queuedFor.clear();
    for (const { cancel, place } of out) {
      cancel();
      this.#context.gate.leave(place, undefined);
    }
  }

  #hasOut(branchId: string): boolean {
    if (this.#out.size === 0) return false;
    for (const call of this.#out.values()) if (call.branchId === branchId) return true;
    return false;
  }

  #call(tx: Transaction, call: Call, place: GatePlace, now: number): void {
    const { result, cancel } = this.#send(tx, call);
    const outstanding: OutstandingCall = { branchId: call.branchId, place, startedAt: now, cancel };
    this.#out.set(keyOf(call), outstanding);
    result.then(
      (answer) => {
        this.#answered(tx, call, outstanding, answer);
      },
      (error: unknown) => {
        this.#context.events.defect?.(error);
        this.#answered(tx, call, outstanding, couldNotCall);
      },
    );
  }

  #send({ definition }: Transaction, call: Call): ReturnType<BranchCaller['call']> {
    const { branchHeaders, branchMethod } = definition.options;
    const method = call.request?.method ?? (isOwnCall(call) ? undefined : branchMethod);
    const headers = call.request?.headers;
    const out: BranchCall = {
      gid: this.#gid,
      transactionType: definition.type,
      branchId: call.branchId,
      op: call.op,
      url: call.url,
      payload: call.payload,
      protocol: definition.protocol,
      headers: headers === undefined ? branchHeaders : { ...branchHeaders, ...headers },
      timeoutMs: call.timeoutMs,
      method,
      wireOp: call.wireOp,
    };
    try {
      return this.#context.caller.call(out);
    } catch (error) {
      // A caller must not throw; one that does must not cost its target a place for ever.
      this.#context.events.defect?.(error);
      return { result: Promise.resolve(couldNotCall), cancel: () => undefined };
    }
  }

  #answered(tx: Transaction, call: Call, outstanding: OutstandingCall, result: BranchResult): void {
    const key = keyOf(call);
    if (this.#out.get(key) !== outstanding) return;
    this.#out.delete(key);
    const { events, gate, clock } = this.#context;
    events.branchAnswered?.(tx.definition.type, call.op, result.kind, clock.now() - outstanding.startedAt);
    this.#on.answered(call, result);
    gate.leave(outstanding.place, !(result.kind === 'unknown' && result.isUnreachable === true));
    this.#on.ready();
  }
}

/** Branch `00`: the back-check and the resume, whose method is the protocol's. */
function isOwnCall({ op }: Call): boolean {
  return op === 'msg' || op === 'resume';
}

/** Names a call among those of its transaction. */
export function keyOf(call: { readonly branchId: string; readonly op: string }): string {
  return `${call.branchId} ${call.op}`;
}
