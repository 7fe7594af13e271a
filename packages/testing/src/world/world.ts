/**
 * One run's world: a coordinator over a store that outlives it, services, the user's process, and a time that passes only when
 * nothing is at work.
 */
import { CoordinatorUnreachable, createClient, type Client, type ClientClock } from '@tandem/client';
import { VirtualTime } from '@tandem/coordinator/virtual-time';
import { claimableAt, MemoryStore, type StoredHead } from '@tandem/store';
import { Boundaries } from '../faults/boundaries.js';
import type { PlannedFault } from '../faults/fault.js';
import { CoordinatorDoor } from './coordinator-door.js';
import { CoordinatorNode } from './coordinator-node.js';
import { Network } from './network.js';
import { never, Place } from './place.js';
import { NotQuiet } from './not-quiet.js';
import { ServedUrls } from './services.js';
import { Story, timeText } from './story.js';
import { UserCode } from './user-code.js';
import { installVirtualGlobals } from './virtual-globals.js';

export interface WorldOptions {
  readonly plan: readonly PlannedFault[];
  /** UTC ms at its beginning. */
  readonly epochMs: number;
  /** When real time is up, by `performance.now()`. */
  readonly realUntilMs: number;
}

/** The user's process has died of a fault; `repeats`: its next start runs the code again. */
type ProcessDied = (place: Place, repeats: boolean) => void;

const downMs = 500;
const virtualMsMax = 400 * 86_400_000;
const callsMax = 500;
const dayMs = 86_400_000;

export class World {
  readonly time = new VirtualTime();
  readonly story = new Story(() => this.time.now);
  readonly code = new UserCode({
    now: () => this.now,
    printed: (line) => {
      this.story.tell(`printed: ${line.split('\n')[0] ?? ''}`);
    },
  });
  readonly served = new ServedUrls();
  readonly services = new Place('the services', { canDie: false });
  readonly heads = new Map<string, StoredHead>();
  readonly boundaries: Boundaries;
  readonly network: Network;
  processDied: ProcessDied = () => undefined;
  readonly #epochMs: number;
  readonly #door: CoordinatorDoor;
  readonly #removeGlobals: () => void;
  /** Workflows that sleep until then, UTC ms. */
  readonly #sleeping = new Map<string, number>();
  readonly #store = new MemoryStore({
    changed: ({ head }) => void this.heads.set(head.gid, head),
    purged: (gid) => void this.heads.delete(gid),
  });
  #realUntilMs: number;
  #node: CoordinatorNode | undefined;
  #starts = 0;
  #broken: Error | undefined;

  constructor({ plan, epochMs, realUntilMs }: WorldOptions) {
    this.#epochMs = epochMs;
    this.#realUntilMs = realUntilMs;
    this.boundaries = new Boundaries(plan, this.story);
    const { boundaries, served, code, story } = this;
    const died = (place: Place, repeats = false): void => {
      this.#died(place, repeats);
    };
    this.network = new Network({
      boundaries,
      served,
      code,
      story,
      on: {
        died,
        broken: (error) => (this.#broken ??= error),
        sleeps: (gid, until) => this.#sleeping.set(gid, until),
        timeout: async (ms) => {
          await this.sleep(ms);
          throw new DOMException(`no answer within ${ms} ms`, 'TimeoutError');
        },
      },
    });
    this.#door = new CoordinatorDoor({
      boundaries,
      code,
      network: this.network,
      story,
      node: () => this.#node,
      died,
      broken: (error) => (this.#broken ??= error),
      sleep: (ms) => this.sleep(ms),
    });
    this.#removeGlobals = installVirtualGlobals();
  }

  /** UTC ms, virtual. */
  get now(): number {
    return this.#epochMs + this.time.now;
  }

  get coordinator(): CoordinatorNode['coordinator'] | undefined {
    return this.#node?.coordinator;
  }

  get unfinished(): readonly StoredHead[] {
    return [...this.heads.values()].filter(({ finishedAt }) => finishedAt === undefined);
  }

  /** The coordinator is up, and every transaction has ended. */
  get isQuiet(): boolean {
    return this.#node !== undefined && this.unfinished.length === 0;
  }

  /** In virtual time. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.time.in(ms, resolve));
  }

  /** The same for the user's code: it never goes on where its process has died meanwhile. */
  codeSleeps(ms: number, place: Place): Promise<void> {
    return this.code.wait(this.sleep(ms).then(() => (place.hasDied() ? never() : undefined)));
  }

  clientFrom(place: Place): Client {
    const clock: ClientClock = {
      now: () => this.now,
      setTimer: (delayMs, fire) => void this.codeSleeps(delayMs, place).then(fire),
    };
    return createClient({ coordinator: this.#door.portFrom(place), fetch: this.network.fetchFrom(place, true), clock });
  }

  /** Rejects where the coordinator is down. */
  async subscribe(topic: string, url: string): Promise<void> {
    if (this.#node === undefined) throw new CoordinatorUnreachable('the coordinator is down');
    await this.#node.coordinator.subscribe(topic, url, '');
  }

  /** A boundary inside the user's code, where it may die. */
  async mark(title: string, place: Place): Promise<void> {
    const faults = place.canDie
      ? (['process dies after', 'dies and repeats after'] as const)
      : (['process dies after'] as const);
    const fault = this.boundaries.reach(title, faults);
    if (fault === undefined) return;
    if (!place.canDie) return this.code.stopCurrent();
    this.#died(place, fault === 'dies and repeats after');
    return never();
  }

  async startCoordinator(): Promise<void> {
    this.#starts += 1;
    this.#node = new CoordinatorNode(String(this.#starts), {
      time: this.time,
      epochMs: this.#epochMs,
      store: this.#store,
      boundaries: this.boundaries,
      story: this.story,
      exists: (gid) => this.heads.has(gid),
      fetchFrom: (place) => this.network.fetchFrom(place, false),
      died: (place) => {
        this.#died(place, false);
      },
      defect: (error) => (this.#broken ??= new Error('the coordinator met a defect', { cause: error })),
    });
    if (this.#starts > 1) this.story.tell('the coordinator starts again');
    await this.#node.start();
  }

  /** As `kill -9`: the coordinator's memory is lost, what is stored stays, and half a second later it starts again. */
  crashCoordinator(): void {
    if (this.#node !== undefined) this.#died(this.#node.place, false);
  }

  /** Lets all happen that happens, and time pass, until that is so. Throws `NotQuiet` where it never is. */
  async until(isSo: () => boolean): Promise<void> {
    while (!(await this.#settledAnd(isSo))) {
      if (this.time.now > virtualMsMax) throw await this.#notQuiet(`after ${timeText(virtualMsMax)} of virtual time`);
      if (this.network.calls > callsMax) throw await this.#notQuiet(`after ${callsMax} calls`);
      this.#skipIdleTime(Infinity);
      if (!this.time.next(Infinity)) throw await this.#notQuiet('and nothing more happens');
    }
  }

  /** Lets so much time pass, whatever happens in it. */
  async advance(ms: number): Promise<void> {
    const end = this.time.now + ms;
    do {
      await this.settled();
      this.#skipIdleTime(end);
    } while (this.time.next(end));
    await this.settled();
  }

  /** Lets all happen that needs no time. */
  async settled(): Promise<void> {
    await this.code.settled(this.#realUntilMs);
    if (this.#broken !== undefined) throw this.#broken;
  }

  /** Virtual time from here on may take real time until then, by `performance.now()`. */
  allowUntil(realUntilMs: number): void {
    this.#realUntilMs = realUntilMs;
  }

  /** Nothing of it runs any more. */
  close(): void {
    this.#node?.place.die();
    this.#node = undefined;
    this.#removeGlobals();
  }

  async #settledAnd(isSo: () => boolean): Promise<boolean> {
    try {
      await this.settled();
    } catch (error) {
      if (error === this.#broken) throw error;
      throw await this.#notQuiet((error as Error).message);
    }
    return isSo();
  }

  #died(place: Place, repeats: boolean): void {
    if (place.hasDied()) return;
    place.die();
    this.story.tell(`${place.name} dies`);
    if (place !== this.#node?.place) {
      this.processDied(place, repeats);
      return;
    }
    this.#node = undefined;
    this.time.in(downMs, () => void this.startCoordinator());
  }

  /**
   * While the coordinator has nothing to do before a moment, its timers fire in that moment: it looks at its leases four times a
   * second, and asks after a sleeping workflow every ten seconds, for days if need be.
   */
  #skipIdleTime(end: number): void {
    if (this.#node?.isIdle !== true || this.#door.open > 0) return;
    const due = this.unfinished.map((head) => {
      const at = claimableAt(head, head.leaseUntil) ?? Infinity;
      return Math.max(at, this.#sleeping.get(head.gid) ?? 0) - this.#epochMs;
    });
    const soonest = due.length === 0 ? this.time.now + dayMs : Math.min(...due);
    this.#node.clock.holdUntil(Math.min(end, soonest, virtualMsMax + 1));
  }

  async #notQuiet(why: string): Promise<NotQuiet> {
    const asked = this.unfinished.map(async ({ gid }) => this.coordinator?.query(gid as never));
    const views = await Promise.all(asked);
    return new NotQuiet(why, views, this.code.atWork);
  }
}
