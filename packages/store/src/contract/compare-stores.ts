/**
 * Seeded comparison: the same random operations on two stores must give the same answers. No two transactions can be
 * claimed from the same moment on, so that what a store may choose freely (the order among equals) does not show.
 */
import { deepEqual } from 'node:assert/strict';
import { compareBytes } from '../byte-order.js';
import type {
  CommitItem,
  CreateItem,
  HeadFields,
  LeaseChange,
  Store,
  StoredRow,
  StoredTransaction,
  WriteItem,
} from '../store.js';
import { noon } from './sample-items.js';

/** Times move in such steps, and what must differ differs within one. More than the tokens of one comparison. */
const tick = 1_000_000;

export interface Comparison {
  readonly seed: number;
  readonly steps: number;
}

/** Rejects with the seed and the step where the stores first differ. Both must be empty. */
export async function compareStores(left: Store, right: Store, { seed, steps }: Comparison): Promise<void> {
  const world = new World(seed);
  for (let step = 1; step <= steps; step++) {
    const { name, run } = world.nextOperation();
    const answers = [await run(left), await run(right)];
    deepEqual(answers[1], answers[0], `seed ${seed}, step ${step}: ${name} differs`);
  }
}

interface Operation {
  readonly name: string;
  readonly run: (store: Store) => Promise<unknown>;
}

/** Makes operations that often meet what earlier ones left. */
class World {
  readonly #random: () => number;
  readonly #gids = ['a', 'A', 'a ', 'ab', "b'", 'c%', 'd_', 'e/{f}', '\u{1f600}', '\uffee', 'é', 'zz'];
  readonly #written: WriteItem[] = [];
  #now = noon;
  #unique = 0;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }

  nextOperation(): Operation {
    this.#now += this.#below(20) * tick;
    const make = this.#oneOf([
      () => this.#write(),
      () => this.#write(),
      () => this.#write(),
      () => this.#repeat(),
      () => this.#claim(),
      () => this.#wake(),
      () => this.#scan(),
      () => this.#load(),
      () => this.#purge(),
      () => this.#backlog(),
      () => this.#keyValue(),
    ]);
    return make();
  }

  #write(): Operation {
    const gids = this.#gids.filter(() => this.#chance(0.4));
    const items = gids.map((gid) => (this.#chance(0.4) ? this.#create(gid) : this.#commit(gid)));
    this.#written.push(...items);
    return { name: 'write', run: (store) => store.write(items) };
  }

  #repeat(): Operation {
    const recent = this.#written.slice(-20);
    const items = new Map<string, WriteItem>();
    for (const item of recent) if (this.#chance(0.5) && !this.#isOutlived(item)) items.set(item.gid, item);
    return { name: 'repeated write', run: (store) => store.write([...items.values()]) };
  }

  /**
   * On a transaction that was created since it would say that it finished before it was created. No clock says that by much,
   * and a purge need not look for it.
   */
  #isOutlived(item: WriteItem): boolean {
    const later = this.#written.slice(this.#written.indexOf(item) + 1);
    return item.kind === 'commit' && later.some((other) => other.kind === 'create' && other.gid === item.gid);
  }

  #create(gid: string): CreateItem {
    const lease = this.#chance(0.5) ? { owner: this.#owner(), untilMs: this.#soon() } : undefined;
    return {
      kind: 'create',
      gid,
      token: this.#token(),
      head: this.#head(),
      body: `body ${this.#token()}`,
      rows: this.#rows(),
      lease,
    };
  }

  #commit(gid: string): CommitItem {
    const expectedVersion = 1 + this.#below(6);
    return {
      kind: 'commit',
      gid,
      token: this.#token(),
      expectedVersion,
      head: this.#head(),
      rows: this.#rows(),
      lease: this.#lease(),
    };
  }

  #claim(): Operation {
    // One lease end for many would make them equal, unless their due times come later.
    const isOne = this.#chance(0.7);
    const request = {
      now: this.#now,
      limit: isOne ? 1 : 100,
      owner: this.#owner(),
      leaseUntil: isOne ? this.#soon() : 0,
      token: this.#token(),
      ...(this.#chance(0.3) ? { types: [this.#oneOf(['saga', 'msg'])] } : {}),
    };
    return {
      name: 'claimDue',
      run: async (store) => {
        const { claimed, nextAt } = await store.claimDue(request);
        return { claimed: claimed.map(inOrder), nextAt };
      },
    };
  }

  #wake(): Operation {
    const waitsFor = this.#target();
    const filter = { ...(this.#chance(0.5) ? { waitsFor } : {}), dueAfter: this.#now };
    const now = this.#now - (++this.#unique % tick);
    return { name: 'wake', run: (store) => store.wake(filter, now, 1) };
  }

  #scan(): Operation {
    const filter = {
      ...(this.#chance(0.3) ? { status: this.#oneOf(['submitted', 'aborting']) } : {}),
      ...(this.#chance(0.3) ? { type: this.#oneOf(['saga', 'msg']) } : {}),
      ...(this.#chance(0.3) ? { isPaused: this.#chance(0.5) } : {}),
      ...(this.#chance(0.3) ? { isFinished: this.#chance(0.5) } : {}),
      ...(this.#chance(0.3) ? { owner: this.#owner() } : {}),
      ...(this.#chance(0.3) ? { gidPrefix: this.#oneOf(['a', 'c%', 'zz', '']) } : {}),
      ...(this.#chance(0.3) ? { createdFrom: this.#now - 200 * tick } : {}),
      ...(this.#chance(0.3) ? { createdBefore: this.#now - 50 * tick } : {}),
    };
    const limit = 1 + this.#below(4);
    return {
      name: `scan ${JSON.stringify(filter)}`,
      run: async (store) => {
        const heads: unknown[] = [];
        let cursor: string | undefined;
        do {
          const page = await store.scan(filter, cursor, limit);
          heads.push(...page.heads);
          cursor = page.nextCursor;
        } while (cursor !== undefined);
        return heads;
      },
    };
  }

  #load(): Operation {
    const depth = this.#oneOf(['head', 'body', 'all'] as const);
    return {
      name: 'load',
      run: async (store) => (await store.load(this.#gids, depth)).map((one) => one && inOrder(one)),
    };
  }

  #purge(): Operation {
    const finishedBefore = this.#now - this.#below(300) * tick;
    return {
      name: 'purge',
      run: async (store) => {
        let purged = 0;
        let cursor: string | undefined;
        do {
          const result = await store.purge(finishedBefore, cursor, 3);
          purged += result.purged;
          cursor = result.nextCursor;
        } while (cursor !== undefined);
        return purged;
      },
    };
  }

  #backlog(): Operation {
    const now = this.#now;
    return { name: 'backlog', run: (store) => store.backlog(now) };
  }

  #keyValue(): Operation {
    const key = this.#oneOf(['k', 'K', 'k ', 'é']);
    const version = this.#below(4);
    const now = this.#now;
    const value = this.#token();
    const act = this.#oneOf([
      (store: Store): Promise<unknown> => store.putKeyValue('topic', key, value, version, now),
      (store: Store): Promise<unknown> => store.putKeyValue('topic', key, value, 0, now),
      (store: Store): Promise<unknown> => store.deleteKeyValue('topic', key),
      (store: Store): Promise<unknown> => store.scanKeyValues('topic', undefined, 10),
      (store: Store): Promise<unknown> => store.getKeyValue('topic', key),
    ]);
    return { name: 'key-value', run: act };
  }

  #head(): HeadFields {
    const isFinished = this.#chance(0.25);
    return {
      type: this.#oneOf(['saga', 'msg']),
      status: this.#oneOf(['submitted', 'aborting']),
      isPaused: this.#chance(0.2),
      dueAt: isFinished || this.#chance(0.1) ? undefined : this.#soon(),
      waitsFor: this.#chance(0.5) ? this.#target() : '',
      createdAt: this.#now - this.#below(3),
      updatedAt: this.#now,
      finishedAt: isFinished ? this.#now : undefined,
      state: `state ${this.#token()}`,
    };
  }

  #rows(): readonly StoredRow[] {
    const keys = ['01 action', '01 compensate', '02 action'].filter(() => this.#chance(0.4));
    return keys.map((key) => {
      const [branchId = '', op = ''] = key.split(' ');
      return { branchId, op, value: this.#token() };
    });
  }

  #lease(): LeaseChange {
    return this.#oneOf<LeaseChange>([
      { kind: 'keep' },
      { kind: 'release' },
      { kind: 'renew', untilMs: this.#soon() },
      { kind: 'take', owner: this.#owner(), untilMs: this.#soon() },
    ]);
  }

  /** A time around now that nothing else has. */
  #soon(): number {
    return this.#now + (this.#below(120) - 40) * tick + (++this.#unique % tick);
  }

  #owner(): string {
    return this.#oneOf(['node-1', 'node-2']);
  }

  #target(): string {
    return this.#oneOf(['http://a', 'http://b']);
  }

  #token(): string {
    return `t${++this.#unique}`;
  }

  #oneOf<T>(all: readonly T[]): T {
    return all[this.#below(all.length)] as T;
  }

  #chance(chance: number): boolean {
    return this.#random() < chance;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}

function inOrder(transaction: StoredTransaction): StoredTransaction {
  const key = (row: StoredRow): string => `${row.branchId} ${row.op}`;
  return { ...transaction, rows: [...transaction.rows].sort((one, other) => compareBytes(key(one), key(other))) };
}

/** mulberry32: small, fast, and the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
