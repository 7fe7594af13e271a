/** A world for coordinators without real time or network: a clock that is advanced, participants that are scripted. */
import {
  parseRegistration,
  parseTransactionRequest,
  TandemError,
  type BranchResult,
  type Gid,
  type Outcome,
  type Registration,
  type TransactionEvent,
} from '@tandem/protocol';
import { MemoryStore, type Store, type WriteItem } from '@tandem/store';
import {
  Coordinator,
  type BranchCall,
  type BranchCaller,
  type Clock,
  type CoordinatorEvents,
  type CoordinatorPolicy,
} from '@tandem/coordinator';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly fire: () => void;
}

/** Time stands still until it is advanced. */
export class VirtualClock implements Clock {
  #now = 1_800_000_000_000;
  #order = 0;
  #timers: Timer[] = [];

  now(): number {
    return this.#now;
  }

  steady(): number {
    return this.#now;
  }

  setTimer(delayMs: number, fire: () => void): () => void {
    const timer: Timer = { at: this.#now + Math.max(0, delayMs), order: (this.#order += 1), fire };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** The process stands still, as one that is suspended: time passes, and what was due meanwhile fires late. */
  stall(ms: number): void {
    this.#now += ms;
  }

  /** Lets time pass, timer by timer, with everything settled in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const next = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.fire();
      await settle();
    }
    this.#now = end;
    await settle();
  }
}

/** Lets everything that is ready run: promises and what is deferred, but no timers. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export type Behaviour = (call: BranchCall) => BranchResult | Promise<BranchResult>;

export const success: BranchResult = { kind: 'success' };
export const failure: BranchResult = { kind: 'failure', reason: 'refused' };
export const unknown: BranchResult = { kind: 'unknown', reason: 'HTTP 500' };
export const unreachable: BranchResult = { kind: 'unknown', reason: 'connection refused', isUnreachable: true };

/** Participants by URL; whoever has no behaviour succeeds. */
export class Participants implements BranchCaller {
  readonly calls: string[] = [];
  /** Calls of one branch operation that overlapped another. */
  readonly overlaps: string[] = [];
  readonly behaviours = new Map<string, Behaviour>();
  readonly #out = new Set<string>();
  cancelled = 0;

  /** `host/path` as `when('a/pay', ...)`. */
  when(path: string, behaviour: Behaviour): void {
    this.behaviours.set(`http://${path}`, behaviour);
  }

  call(call: BranchCall): { readonly result: Promise<BranchResult>; readonly cancel: () => void } {
    this.calls.push(`${call.branchId} ${call.op} ${call.url.slice('http://'.length)}`);
    const key = `${call.gid} ${call.branchId} ${call.op}`;
    if (this.#out.has(key)) this.overlaps.push(key);
    this.#out.add(key);
    const behaviour = this.behaviours.get(call.url) ?? ((): BranchResult => success);
    const result = Promise.resolve(behaviour(call)).then((answer) => {
      this.#out.delete(key);
      return answer;
    });
    return {
      result,
      cancel: () => {
        this.#out.delete(key);
        this.cancelled += 1;
      },
    };
  }

  targetOf(url: string): string {
    return new URL(url).origin;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A participant that holds its answer until it is told. */
export function held(): {
  readonly behaviour: Behaviour;
  answer: (result: BranchResult) => void;
  readonly waiting: number;
} {
  const resolvers: ((result: BranchResult) => void)[] = [];
  return {
    behaviour: () => new Promise((resolve) => resolvers.push(resolve)),
    answer: (result) => {
      for (const resolve of resolvers.splice(0)) resolve(result);
    },
    get waiting() {
      return resolvers.length;
    },
  };
}

export interface NodeSetting {
  readonly defects?: 'expected';
  /** Its own; default: the world's. */
  readonly clock?: Clock;
}

export interface World {
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly participants: Participants;
  /** What the coordinators reported, as short lines. */
  readonly log: string[];
  /** Defects that are reported make the test fail, unless they are expected. */
  node(policy?: Partial<CoordinatorPolicy>, store?: Store, on?: NodeSetting): Promise<Coordinator>;
}

export async function openWorld(store: Store = new MemoryStore()): Promise<World> {
  const clock = new VirtualClock();
  const participants = new Participants();
  const log: string[] = [];
  let nodes = 0;
  await store.migrate();
  return {
    clock,
    store,
    participants,
    log,
    async node(policy = {}, own = store, on = {}): Promise<Coordinator> {
      nodes += 1;
      const name = String(nodes);
      let randoms = 0;
      const coordinator = new Coordinator({
        store: own,
        caller: participants,
        clock: on.clock ?? clock,
        random: { hex: (bytes) => `${name}${String((randoms += 1))}`.padStart(bytes * 2, '0') },
        policy,
        events: eventLog(log, on.defects === 'expected'),
        defer: (run) => {
          queueMicrotask(run);
        },
      });
      await coordinator.start();
      return coordinator;
    },
  };
}

function eventLog(log: string[], areDefectsExpected: boolean): CoordinatorEvents {
  return {
    finished: (_type, status, gid) => log.push(`${gid} ${status}`),
    leaseLost: (gid) => log.push(`${gid} lost`),
    targetOpened: (target) => log.push(`${target} down`),
    targetClosed: (target) => log.push(`${target} up`),
    defect: (error) => {
      if (!areDefectsExpected) throw error;
    },
  };
}

/** A saga whose steps are `host/path` pairs: `a/out` is compensated at `a/out-back`. */
export function sagaRequest(gid: string, steps: readonly string[], more: Record<string, unknown> = {}) {
  return parseTransactionRequest(
    {
      gid,
      trans_type: 'saga',
      steps: steps.map((step) => ({ action: `http://${step}`, compensate: `http://${step}-back` })),
      payloads: steps.map((step) => JSON.stringify({ step })),
      ...more,
    },
    'submit',
  );
}

export function messageRequest(
  gid: string,
  steps: readonly string[],
  intent: 'prepare' | 'submit',
  more: Record<string, unknown> = {},
) {
  return parseTransactionRequest(
    {
      gid,
      trans_type: 'msg',
      query_prepared: 'http://sender/check',
      steps: steps.map((step) => ({ action: step.includes('://') ? step : `http://${step}` })),
      payloads: steps.map((step) => JSON.stringify({ step })),
      ...more,
    },
    intent,
  );
}

/** The prepare, or the submit, of a TCC or XA. */
export function twoPhaseRequest(
  type: 'tcc' | 'xa',
  gid: string,
  intent: 'prepare' | 'submit',
  more: Record<string, unknown> = {},
) {
  return parseTransactionRequest({ gid, trans_type: type, ...more }, intent);
}

/** A branch of a TCC: `a/seat` is confirmed at `a/seat-ok` and cancelled at `a/seat-no`; of an XA: both at `a/seat`. */
export function branchOf(type: 'tcc' | 'xa', branchId: string, path: string): Registration {
  const url = `http://${path}`;
  const urls = type === 'xa' ? { url } : { confirm: `${url}-ok`, cancel: `${url}-no` };
  return parseRegistration({ gid: 'any', trans_type: type, branch_id: branchId, ...urls }).registration;
}

/** The prepare of the workflow `wf`, which is resumed at `sender/wf`. */
export function workflowRequest(gid: string, more: Record<string, unknown> = {}) {
  const custom_data = '{"name":"wf","data":"aW4="}';
  const query_prepared = 'http://sender/wf';
  return parseTransactionRequest({ gid, trans_type: 'workflow', query_prepared, custom_data, ...more }, 'prepare');
}

/** How a workflow ended, as its code submits it. */
export function verdictRequest(gid: string, req_extra: Record<string, unknown>) {
  return parseTransactionRequest({ gid, trans_type: 'workflow', req_extra }, 'submit');
}

/** A step that a workflow has done. */
export function stepOf(branchId: string, data = '', status = 'succeed', op = 'action'): Registration {
  const step = { gid: 'any', trans_type: 'workflow', branch_id: branchId, op, status, data };
  return parseRegistration(step).registration;
}

/** What a stored transaction looks like, in one line. */
export async function look(coordinator: Coordinator, gid: string): Promise<string> {
  const view = await coordinator.query(gid as Gid);
  if (view === undefined) return 'none';
  const rows = view.branches
    .filter((branch) => branch.row !== undefined)
    .map((branch) => `${branch.branchId} ${branch.op} ${branch.status}`);
  return [view.head.status + (view.head.isPaused ? ' (paused)' : ''), ...rows].join(', ');
}

/** Follows a promise without waiting for it. */
export function follow(promise: Promise<Outcome>): { outcome: Outcome['kind'] | 'waiting' | 'error' } {
  const followed: { outcome: Outcome['kind'] | 'waiting' | 'error' } = { outcome: 'waiting' };
  promise.then(
    (outcome) => {
      followed.outcome = outcome.kind;
    },
    () => {
      followed.outcome = 'error';
    },
  );
  return followed;
}

/** What a request gets: `done`, or the code that it is refused with. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'done';
  } catch (error) {
    return error instanceof TandemError ? error.code : String(error);
  }
}

/** A store that counts what is asked of it. */
export class CountingStore extends MemoryStore {
  loads = 0;
  /** Of what is written: how many items, and how many rows in them. */
  items = 0;
  rows = 0;

  override load(...asked: Parameters<MemoryStore['load']>): ReturnType<MemoryStore['load']> {
    this.loads += 1;
    return super.load(...asked);
  }

  override write(items: readonly WriteItem[]): ReturnType<MemoryStore['write']> {
    this.items += items.length;
    this.rows += items.reduce((sum, item) => sum + item.rows.length, 0);
    return super.write(items);
  }

  /** What a piece of work asks of the store. */
  async cost(work: () => Promise<unknown>): Promise<{ loads: number; items: number; rows: number }> {
    const { loads, items, rows } = this;
    await work();
    return { loads: this.loads - loads, items: this.items - items, rows: this.rows - rows };
  }
}

export type { TransactionEvent };
