/**
 * Makes this node visible to the others: a sign of life in its slot, every few seconds, one small write each.
 *
 * N1. It decides nothing: leases alone say who runs what. A store that fails delays a sign of life and nothing else.
 * N2. A slot is taken and kept by compare-and-set. Who finds another in its slot looks for a new one.
 */
import type { Store } from '@tandem/store';
import { decodeNode, encodeNode, type NodeFacts } from './node-record.js';
import { keyOfSlot, nodeCategory, readSlots, slotFor } from './node-slots.js';

export interface NodeRegistryOptions {
  readonly store: Store;
  /** UTC ms on the store's clock. */
  readonly now: () => number;
  readonly heartbeatMs: number;
  /** How long a node that is gone keeps its slot. */
  readonly goneMs: number;
  readonly failed: (error: unknown) => void;
}

/** Nodes that start at once compete for slots. */
const joinTriesMax = 20;
const spreadMax = 128;

export class NodeRegistry {
  readonly #options: NodeRegistryOptions;
  #facts: NodeFacts | undefined;
  #slot: { readonly number: number; version: number } | undefined;
  #hasJoined = false;
  #isUnderWay = false;
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> = Promise.resolve();

  constructor(options: NodeRegistryOptions) {
    this.#options = options;
  }

  /** Joins, and stays visible until `leave`. A store that fails now is tried again with the next sign of life. */
  async join(facts: Omit<NodeFacts, 'heartbeatMs' | 'startedAt'>): Promise<void> {
    const { heartbeatMs, now } = this.#options;
    this.#facts = { ...facts, heartbeatMs, startedAt: now() };
    this.#timer = setInterval(() => void this.beat(), heartbeatMs).unref();
    await this.beat();
  }

  /** Says that it is gone, unless the store does not take it. */
  async leave(): Promise<void> {
    clearInterval(this.#timer);
    await this.#underWay;
    if (this.#facts === undefined || this.#slot === undefined) return;
    await this.#put(this.#facts, this.#slot, true).catch(this.#options.failed);
    this.#facts = undefined;
  }

  /** Gives a sign of life. One is under way at a time: a store that is slow must not gather them. */
  beat(): Promise<void> {
    if (this.#facts === undefined || this.#isUnderWay) return this.#underWay;
    this.#isUnderWay = true;
    this.#underWay = this.#write(this.#facts)
      .catch(this.#options.failed)
      .finally(() => {
        this.#isUnderWay = false;
      });
    return this.#underWay;
  }

  async #write(facts: NodeFacts): Promise<void> {
    if (this.#slot === undefined) await this.#take(facts);
    else if (!(await this.#put(facts, this.#slot, false))) await this.#find(facts, this.#slot.number);
  }

  async #take(facts: NodeFacts): Promise<void> {
    const { store, now, goneMs } = this.#options;
    for (let tries = 0; tries < joinTriesMax; tries += 1) {
      const { number, version } = slotFor(await readSlots(store), facts, {
        now: now(),
        goneMs,
        starts: !this.#hasJoined,
        // After a slot was lost to another: the more often, the wider they spread.
        skip: Math.floor(Math.random() * Math.min(2 ** tries, spreadMax)),
      });
      const slot = { number, version };
      if (!(await this.#put(facts, slot, false))) continue;
      // A key that somebody deleted comes back with the version after its last one.
      const stored = version === 0 ? await store.getKeyValue(nodeCategory, keyOfSlot(number)) : undefined;
      this.#hasJoined = true;
      this.#slot = stored === undefined ? slot : { number, version: stored.version };
      return;
    }
  }

  /** Its write was not taken: the reply to the one before was lost, or the slot is another's by now. */
  async #find(facts: NodeFacts, number: number): Promise<void> {
    const stored = await this.#options.store.getKeyValue(nodeCategory, keyOfSlot(number));
    const isOwn = stored !== undefined && decodeNode(stored.value)?.id === facts.id;
    this.#slot = isOwn ? { number, version: stored.version } : undefined;
    await this.#write(facts);
  }

  async #put(facts: NodeFacts, slot: { readonly number: number; version: number }, hasLeft: boolean): Promise<boolean> {
    const { store, now } = this.#options;
    const value = encodeNode({ ...facts, seenAt: now(), hasLeft });
    const isPut = await store.putKeyValue(nodeCategory, keyOfSlot(slot.number), value, slot.version, now());
    if (isPut) slot.version += 1;
    return isPut;
  }
}
