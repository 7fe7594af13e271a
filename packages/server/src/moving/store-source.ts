/** A Tandem store as a source: heads by listing, snapshots by loading, never more than a few MiB at once. */
import type { Store } from '@tandem/store';
import { holdUnfinished, releaseHeld } from './held-transactions.js';
import { headPages, headsAtOnce } from './head-pages.js';
import { liveNodes } from './live-nodes.js';
import { headFieldsOf, movedOf, sizeOf, type MovedTransaction } from './moved-transaction.js';
import { identityOf, markMoved, readMarks, unmarkMoved, type MovedMark } from './moving-marks.js';
import {
  MovingRefused,
  type MovedKeyValue,
  type MovingSource,
  type MovingTarget,
  type Selection,
  type SourcePage,
} from './moving-source.js';
import { readSlots } from '../nodes/node-slots.js';
import { storeTime } from './store-time.js';

/** The categories that move: the others are about the nodes of a store, not about its transactions. */
export const movedCategories: readonly string[] = ['topics'];
const bytesAtOnce = 8 << 20;
const loadsFirst = 32;
const keyValuesAtOnce = 200;

export class StoreSource implements MovingSource {
  readonly headsTell = true;
  readonly #store: Store;
  readonly #now: () => number;
  /** How many snapshots made `bytesAtOnce`, as far as was seen. */
  #loads = loadsFirst;

  constructor(
    readonly shown: string,
    store: Store,
    now: () => number = Date.now,
  ) {
    this.#store = store;
    this.#now = now;
  }

  async isUnused(): Promise<boolean> {
    const { heads, nextCursor } = await this.#store.scan({}, undefined, 1);
    if (heads.length > 0 || nextCursor !== undefined) return false;
    const { identity } = await readMarks(this.#store);
    if (identity !== undefined || (await readSlots(this.#store)).length > 0) return false;
    const topics = await Promise.all(movedCategories.map((name) => this.#store.scanKeyValues(name, undefined, 1)));
    return topics.every(({ items }) => items.length === 0);
  }

  identity(): Promise<string> {
    return identityOf(this.#store, this.#now());
  }

  async *pages(selection: Selection): AsyncGenerator<SourcePage> {
    for await (const heads of headPages(this.#store, { isFinished: selection === 'finished' })) {
      yield {
        heads: heads.map((head) => ({ gid: head.gid, head: headFieldsOf(head) })),
        unfit: [],
        load: (gids) => this.#load(gids),
      };
    }
  }

  async *keyValues(): AsyncGenerator<MovedKeyValue> {
    for (const category of movedCategories) {
      let cursor: string | undefined;
      do {
        const page = await this.#store.scanKeyValues(category, cursor, keyValuesAtOnce);
        yield* page.items;
        cursor = page.nextCursor;
      } while (cursor !== undefined);
    }
  }

  async existing(gids: readonly string[]): Promise<ReadonlySet<string>> {
    const found = await this.#store.load(gids, 'head');
    return new Set(found.flatMap((one) => (one === undefined ? [] : [one.head.gid])));
  }

  async checkIdle(): Promise<void> {
    const nodes = await liveNodes(this.#store);
    if (nodes.length === 0) return;
    throw new MovingRefused(
      `${this.shown} is served by ${nodes.join(', ')}: stop every node and run the copy again for its unfinished ` +
        'transactions (--finished-only copies the finished ones meanwhile)',
    );
  }

  async checkMovedTo(target: MovingTarget): Promise<void> {
    this.#checkMark((await readMarks(this.#store)).moved, target);
  }

  markMoving(to: MovingTarget): Promise<void> {
    return markMoved(this.#store, this.#mark('moving', to), (before) => {
      this.#checkMark(before, to);
    });
  }

  async hold(): Promise<void> {
    await holdUnfinished(this.#store, await storeTime(this.#store));
  }

  async unmarkMoving(): Promise<void> {
    await releaseHeld(this.#store, await storeTime(this.#store));
    await unmarkMoved(this.#store);
  }

  markMoved(to: MovingTarget): Promise<void> {
    return markMoved(this.#store, this.#mark('moved', to), (before) => {
      if (before === undefined) {
        throw new MovingRefused(`the move of ${this.shown} was called off: nodes may have worked on it since`);
      }
      this.#checkMark(before, to);
    });
  }

  #mark(state: MovedMark['state'], { shown, identity }: MovingTarget): MovedMark {
    return { state, to: shown, target: identity, at: this.#now() };
  }

  /** Two copies of the same unfinished transactions would both run them. */
  #checkMark(mark: MovedMark | undefined, target: MovingTarget): void {
    if (mark === undefined || mark.target === target.identity) return;
    throw new MovingRefused(
      `${this.shown} was moved to ${mark.to}: copy from there, or call that move off with tandem store unmark`,
    );
  }

  async *#load(gids: readonly string[]): AsyncGenerator<readonly MovedTransaction[]> {
    for (let at = 0; at < gids.length;) {
      const chunk = gids.slice(at, at + this.#loads);
      at += chunk.length;
      const stored = await this.#store.load(chunk, 'all');
      const found = stored.flatMap((one) => (one === undefined ? [] : [movedOf(one)]));
      this.#suit(found);
      yield found;
    }
  }

  /** Large ones are fetched a few at a time, small ones by the hundred. */
  #suit(found: readonly MovedTransaction[]): void {
    const bytes = found.reduce((sum, one) => sum + sizeOf(one), 0);
    const fitting = bytes === 0 ? headsAtOnce : Math.floor((found.length * bytesAtOnce) / bytes);
    this.#loads = Math.max(1, Math.min(fitting, this.#loads * 2, headsAtOnce));
  }
}
