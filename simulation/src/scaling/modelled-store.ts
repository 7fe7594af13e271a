import { MemoryStore, type BatchLimits } from '@tandem/store';
import type { VirtualTime } from '@tandem/coordinator/virtual-time';
import { model } from './model.js';
import { after, WorkQueue } from './work-queue.js';

/** The memory store behind a network and an engine that take their time, and what is asked of it. */
export class ModelledStore extends MemoryStore {
  override readonly batchLimits: BatchLimits = { itemsMax: 256, bytesMax: 1_000_000, batchesMax: 4 };
  readonly counts = { batches: 0, items: 0, conflicts: 0, loads: 0, claims: 0, others: 0 };
  readonly #time: VirtualTime;
  readonly #engine: WorkQueue;

  constructor(time: VirtualTime) {
    super();
    this.#time = time;
    this.#engine = new WorkQueue(time, model.engineLanes);
  }

  override write(...asked: Parameters<MemoryStore['write']>): ReturnType<MemoryStore['write']> {
    const [{ length }] = asked;
    this.counts.batches += 1;
    this.counts.items += length;
    return this.#ask(model.batchMs + length * model.itemMs, async () => {
      const results = await super.write(...asked);
      this.counts.conflicts += results.filter(({ kind }) => kind === 'conflict').length;
      return results;
    });
  }

  override load(...asked: Parameters<MemoryStore['load']>): ReturnType<MemoryStore['load']> {
    this.counts.loads += 1;
    return this.#ask(asked[0].length * model.itemMs, () => super.load(...asked));
  }

  override claimDue(...asked: Parameters<MemoryStore['claimDue']>): ReturnType<MemoryStore['claimDue']> {
    this.counts.claims += 1;
    return this.#ask(model.batchMs, async () => super.claimDue(...asked));
  }

  override ping(): ReturnType<MemoryStore['ping']> {
    this.counts.others += 1;
    return this.#ask(0, () => Promise.resolve({ engineNow: undefined }));
  }

  async #ask<T>(ms: number, run: () => Promise<T>): Promise<T> {
    await after(this.#time, model.roundTripMs / 2);
    await this.#engine.work(ms);
    const answer = await run();
    await after(this.#time, model.roundTripMs / 2);
    return answer;
  }
}
