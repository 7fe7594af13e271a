/** DTM's database as a source. It is only read: nothing of DTM's is changed, so that it can go on where a move is called off. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  MovingRefused,
  type MovedKeyValue,
  type MovingSource,
  type Selection,
  type SourcePage,
} from '../moving-source.js';
import type { DtmTables } from '../../main/open-store.js';
import { convertDtm, type Conversion } from './convert-dtm.js';
import { topicCategory, topicNames } from './dtm-topics.js';

const transactionsAtOnce = 100;
/** Longer than DTM's look for due transactions takes to come round (3 s by default). */
const watchMs = 5_000;

export class DtmSource implements MovingSource {
  readonly headsTell = false;
  readonly #tables: DtmTables;
  readonly #watchMs: number;
  /** From when it was looked at for the first time. */
  #firstPulse: string | undefined;

  constructor(
    readonly shown: string,
    tables: DtmTables,
    watch = watchMs,
  ) {
    this.#tables = tables;
    this.#watchMs = watch;
  }

  /** A database without DTM's tables does not open; with them somebody has meant it. */
  isUnused(): Promise<boolean> {
    return Promise.resolve(false);
  }

  identity(): Promise<string> {
    return Promise.resolve(this.shown);
  }

  async *pages(selection: Selection): AsyncGenerator<SourcePage> {
    const topics = topicNames(await this.#tables.keyValues());
    let cursor: number | undefined = 0;
    while (cursor !== undefined) {
      const page = await this.#tables.page(cursor, transactionsAtOnce);
      const chosen = page.transactions.filter(({ status }) => isEnded(status) === (selection === 'finished'));
      yield pageOf(chosen.map((dtm) => [dtm.gid, convertDtm(dtm, topics)]));
      cursor = page.nextCursor;
    }
  }

  async *keyValues(): AsyncGenerator<MovedKeyValue> {
    for (const { category, key, value, updatedAt } of await this.#tables.keyValues()) {
      if (category === topicCategory) yield { category, key, value, updatedAt: updatedAt ?? 0 };
    }
  }

  async existing(gids: readonly string[]): Promise<ReadonlySet<string>> {
    return new Set((await this.#tables.load(gids)).map(({ gid }) => gid));
  }

  /** DTM leaves no sign of life of its own: what it works on changes, and that is looked for. */
  async checkIdle(): Promise<void> {
    const first = this.#firstPulse ?? (await this.#tables.pulse());
    if (this.#firstPulse === undefined) await sleep(this.#watchMs);
    this.#firstPulse = first;
    if ((await this.#tables.pulse()) === first) return;
    throw new MovingRefused(
      `${this.shown} has changed while it was looked at: stop every DTM server that uses it, and run the copy again ` +
        '(--finished-only copies the finished ones meanwhile)',
    );
  }

  checkMovedTo(): Promise<void> {
    return Promise.resolve();
  }

  markMoving(): Promise<void> {
    return Promise.resolve();
  }

  hold(): Promise<void> {
    return Promise.resolve();
  }

  unmarkMoving(): Promise<void> {
    return Promise.resolve();
  }

  markMoved(): Promise<void> {
    return Promise.resolve();
  }
}

function isEnded(status: string): boolean {
  return status === 'succeed' || status === 'failed';
}

function pageOf(conversions: readonly (readonly [string, Conversion])[]): SourcePage {
  const byGid = new Map(conversions);
  const converted = [...byGid.values()].flatMap((one) => (one.kind === 'converted' ? [one.transaction] : []));
  return {
    heads: converted,
    unfit: [...byGid].flatMap(([gid, one]) => (one.kind === 'unfit' ? [{ gid, reason: one.reason }] : [])),
    async *load(gids) {
      const asked = new Set(gids);
      yield converted.filter(({ gid }) => asked.has(gid));
    },
  };
}
