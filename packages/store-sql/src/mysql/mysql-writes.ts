import type { CommitItem, CreateItem, WriteItem, WriteResult } from '@tandem/store';
import { bytesOf } from '../item-bytes.js';
import type { SqlRow } from '../server-sql/sql-session.js';
import { mysqlFaults } from './mysql-fault.js';
import type { MysqlPool } from './mysql-pool.js';
import {
  insertBeside,
  insertHeads,
  placed,
  selectTokens,
  updateHead,
  updateHeads,
  type PlacedItem,
} from './mysql-write-sql.js';
import { RefusedError } from './refused-error.js';

/** What a packet holds beside its statements. */
const packetReserveBytes = 1024;

const exists: WriteResult = { kind: 'exists' };
const conflict: WriteResult = { kind: 'conflict' };

export interface WriteLimits {
  /** A larger item is refused. */
  readonly itemBytesMax: number;
  /**
   * Up to so many items have a statement each, which tells by itself whether it applied: cheaper for the engine than joining
   * a table of values, which is made for many (0.17 against 0.5 ms of the engine's time for one, 47 against 37 us each for 64).
   */
  readonly fewMax: number;
}

/** Creates and commits. A batch is one transaction, in one round trip; a second one reads why something did not apply. */
export class MysqlWrites {
  readonly #pool: MysqlPool;
  readonly #limits: WriteLimits;

  constructor(pool: MysqlPool, limits: WriteLimits) {
    this.#pool = pool;
    this.#limits = limits;
  }

  async write(items: readonly WriteItem[]): Promise<readonly WriteResult[]> {
    try {
      return await this.#writeAll(items);
    } catch (error) {
      if (!mysqlFaults.isRefusal(error)) throw error;
      // Halving finds the items that are refused, or batches that fit into a packet; what is there by now reads as applied.
      if (items.length === 1)
        return [{ kind: 'refused', reason: error instanceof Error ? error.message : String(error) }];
      const middle = items.length >> 1;
      return [...(await this.write(items.slice(0, middle))), ...(await this.write(items.slice(middle)))];
    }
  }

  async #writeAll(items: readonly WriteItem[]): Promise<readonly WriteResult[]> {
    for (const item of items) this.#demandSize(bytesOf(item), this.#limits.itemBytesMax);
    // Every writer locks in the same order, so that two batches which share gids wait for each other, and no more.
    const sorted = [...items].sort((one, other) => (one.gid < other.gid ? -1 : 1));
    const results = await this.#writeSorted(sorted);
    return items.map((item) => results.get(item.gid) ?? (item.kind === 'create' ? exists : conflict));
  }

  #writeSorted(items: readonly WriteItem[]): Promise<ReadonlyMap<string, WriteResult>> {
    // One statement alone tells by itself whether it applied, on Galera too.
    const isOne = items.length === 1 && insertBeside(items.map(placed)).length === 0;
    if (this.#pool.server.isGalera && !isOne) return this.#writeToGalera(items);
    return isOne || items.length <= this.#limits.fewMax ? this.#writeFew(items) : this.#writeMany(items);
  }

  /** What applied, by gid. */
  async #writeFew(items: readonly WriteItem[]): Promise<ReadonlyMap<string, WriteResult>> {
    const all = items.map(placed);
    const beside = insertBeside(all);
    const heads = all.map((one) => (isCreate(one) ? insertHeads([one]) : updateHead(one as PlacedItem<CommitItem>)));
    const statements = this.#fitting([...heads, ...beside]);
    const answers =
      statements.length === 1 ? await this.#pool.run(statements) : await this.#pool.inTransaction(statements);
    const results = new Map<string, WriteResult>();
    const others: WriteItem[] = [];
    items.forEach((item, index) => {
      const answer = answers[index];
      if (answer?.affected === 1) results.set(item.gid, appliedNow(item, answer.insertId));
      else others.push(item);
    });
    if (others.length === 0) return results;
    const [found] = await this.#pool.run([selectTokens(others)]);
    return new Map([...results, ...holding(others, found?.rows ?? [])]);
  }

  async #writeMany(items: readonly WriteItem[]): Promise<ReadonlyMap<string, WriteResult>> {
    const all = items.map(placed);
    const statements = this.#fitting([...writeHeads(all), ...insertBeside(all), selectTokens(items)]);
    const answers = await this.#pool.inTransaction(statements);
    return holding(items, answers.at(-1)?.rows ?? []);
  }

  /**
   * Items that are a head alone are a transaction of their statement: one round trip. The others take one with several (see
   * M4). What applied is read after the commit, when no other node can undo it any more; a commit that somebody has written
   * over by then reads as a conflict, as one whose reply was lost.
   */
  async #writeToGalera(items: readonly WriteItem[]): Promise<ReadonlyMap<string, WriteResult>> {
    const all = items.map(placed);
    const alone = all.filter((one) => insertBeside([one]).length === 0);
    const others = all.filter((one) => !alone.includes(one));
    if (others.length > 0)
      await this.#pool.inTransaction(this.#fitting([...writeHeads(others), ...insertBeside(others)]));
    const answers = await this.#pool.run(this.#fitting([...writeHeads(alone), selectTokens(items)]));
    const results = holding(items, answers.at(-1)?.rows ?? []);
    const creates = alone.filter(isCreate);
    // All of them are new, whoever has written to one since.
    if (answers[0]?.affected !== creates.length) return results;
    return new Map([...results, ...creates.map(({ item }) => [item.gid, appliedNow(item, 0)] as const)]);
  }

  #fitting(statements: readonly string[]): readonly string[] {
    let bytes = packetReserveBytes;
    for (const statement of statements) bytes += Buffer.byteLength(statement) + 1;
    this.#demandSize(bytes, this.#pool.server.packetBytesMax);
    return statements;
  }

  #demandSize(bytes: number, bytesMax: number): void {
    if (bytes > bytesMax)
      throw new RefusedError(`larger than ${String(bytesMax)} bytes (max_allowed_packet bounds it too)`);
  }
}

function writeHeads(all: readonly PlacedItem[]): readonly string[] {
  const creates = all.filter(isCreate);
  const commits = all.filter(isCommit);
  return [
    ...(creates.length === 0 ? [] : [insertHeads(creates)]),
    ...(commits.length === 0 ? [] : [updateHeads(commits)]),
  ];
}

function isCreate(one: PlacedItem): one is PlacedItem<CreateItem> {
  return one.item.kind === 'create';
}

function isCommit(one: PlacedItem): one is PlacedItem<CommitItem> {
  return one.item.kind === 'commit';
}

function appliedNow(item: WriteItem, epoch: number): WriteResult {
  if (item.kind === 'commit') return { kind: 'applied', version: item.expectedVersion + 1, epoch };
  return { kind: 'applied', version: 1, epoch: item.lease === undefined ? 0 : 1 };
}

/** Those whose heads hold the token of their item: written just now, or before, its reply lost. Rows are of `selectTokens`. */
function holding(items: readonly WriteItem[], rows: readonly SqlRow[]): ReadonlyMap<string, WriteResult> {
  const heads = new Map(rows.map((row) => [row[0] as string, row]));
  const results = new Map<string, WriteResult>();
  for (const { gid, token } of items) {
    const head = heads.get(gid);
    if (head?.[3] !== token) continue;
    results.set(gid, { kind: 'applied', version: Number(head[1]), epoch: Number(head[2]) });
  }
  return results;
}
