/** One start of the coordinator: what dies in a crash, over a store that stays. */
import { embedded, fetchCaller } from '@tandem/client/embedded';
import type { CoordinatorPort } from '@tandem/client';
import { Coordinator, type BranchCall, type BranchCaller } from '@tandem/coordinator';
import type { VirtualTime } from '@tandem/coordinator/virtual-time';
import type { BranchResult } from '@tandem/protocol';
import { InterceptedStore, type Store, type WriteItem } from '@tandem/store';
import type { Boundaries } from '../faults/boundaries.js';
import { CoordinatorClock } from './coordinator-clock.js';
import { never, Place } from './place.js';
import type { Story } from './story.js';
import { typeName } from './type-name.js';

export interface NodeParts {
  readonly time: VirtualTime;
  readonly epochMs: number;
  readonly store: Store;
  readonly boundaries: Boundaries;
  readonly story: Story;
  /** Whether there is such a transaction. */
  exists(gid: string): boolean;
  /** The way to services. */
  fetchFrom(place: Place): typeof fetch;
  /** It dies of a fault. */
  died(place: Place): void;
  defect(error: unknown): void;
}

const claimIntervalMs = 3_600_000;

export class CoordinatorNode {
  readonly place = new Place('the coordinator', { canDie: true });
  readonly coordinator: Coordinator;
  readonly port: CoordinatorPort;
  readonly clock: CoordinatorClock;
  readonly #parts: NodeParts;

  constructor(name: string, parts: NodeParts) {
    this.#parts = parts;
    this.clock = new CoordinatorClock(parts.time, this.place, parts.epochMs);
    let randoms = 0;
    this.coordinator = new Coordinator({
      store: new InterceptedStore(parts.store, ({ verb, items }, run) =>
        verb === 'write' ? this.#write(items, run) : this.#reply(run()),
      ),
      caller: this.#caller(),
      clock: this.clock,
      random: { hex: (bytes) => `${name}${String((randoms += 1))}`.padStart(bytes * 2, '0') },
      // It is alone with its store: what falls due is known, and nothing has to be looked for or cleaned.
      policy: { claimIntervalMs, retentionMs: 0 },
      defer: (run) => {
        queueMicrotask(run);
      },
      events: { defect: (error) => parts.defect(error) },
    });
    this.port = embedded(this.coordinator);
  }

  start(): Promise<void> {
    return this.coordinator.start();
  }

  /** Nothing runs and nothing is written: it only waits for time to pass. */
  get isIdle(): boolean {
    const { running, pendingWrites } = this.coordinator.stats();
    return running === 0 && pendingWrites === 0;
  }

  async #write<T>(items: readonly WriteItem[], run: () => Promise<T>): Promise<T> {
    if (this.place.hasDied()) return never();
    // What only finds that it is there already is no boundary.
    if (items.every(({ kind, gid }) => kind === 'create' && this.#parts.exists(gid))) return this.#reply(run());
    const faults = ['coordinator dies before', 'coordinator dies after'] as const;
    const title = titleOf(items);
    const fault = this.#parts.boundaries.reach(title, faults);
    if (fault === 'coordinator dies before') {
      this.#parts.died(this.place);
      return never();
    }
    const result = await run();
    this.#parts.story.tell(title);
    if (fault !== undefined) this.#parts.died(this.place);
    return this.place.hasDied() ? never() : result;
  }

  async #reply<T>(done: Promise<T>): Promise<T> {
    if (this.place.hasDied()) return never();
    const value = await done;
    return this.place.hasDied() ? never() : value;
  }

  /** As over HTTP; an answer that does not come is waited for in virtual time. */
  #caller(): BranchCaller {
    const byFetch = fetchCaller({ fetch: this.#parts.fetchFrom(this.place) });
    const call = (branch: BranchCall): { readonly result: Promise<BranchResult>; readonly cancel: () => void } => {
      let settle: (result: BranchResult) => void = () => undefined;
      const result = new Promise<BranchResult>((resolve) => (settle = resolve));
      const finish = (answer: BranchResult): void => {
        cancelTimer();
        if (!this.place.hasDied()) settle(answer);
      };
      const cancelTimer = this.#parts.time.in(branch.timeoutMs, () => {
        finish({ kind: 'unknown', reason: `no answer within ${branch.timeoutMs} ms` });
      });
      void byFetch.call(branch).result.then(finish);
      return { result, cancel: () => finish({ kind: 'unknown', reason: 'the call was given up' }) };
    };
    return { call, targetOf: (url) => byFetch.targetOf(url), close: () => Promise.resolve() };
  }
}

/** `write of saga submitted, 01 action`. */
function titleOf(items: readonly WriteItem[]): string {
  const parts = items.map(({ kind, head, rows }) => {
    const branches = rows.map(({ branchId, op }) => `, ${branchId} ${op}`).join('');
    return `${kind === 'create' ? 'new ' : ''}${typeName(head.type)} ${head.status}${branches}`;
  });
  return `write of ${parts.join(' and ')}`;
}
