import {
  compareBytes,
  decodePosition,
  encodePosition,
  type ScanFilter,
  type ScanPage,
  type ScanPosition,
  type StoredHead,
} from '@tandem/store';
import { runScript, type ShardCalls } from '../engine/shard-calls.js';
import { places, type Place, type Shard } from '../layout/shard.js';
import { decodeHead } from '../layout/transaction-codec.js';
import { toWord } from '../layout/words.js';
import { listScript } from '../scripts/list-script.js';
import { listOf, textsOf } from './texts.js';

/** Most entries that one page looks at, in all lists together, and in one list. */
const windowOfAll = 5_000;
const windowMax = 1_000;
const windowMin = 50;

/** One list of one shard, as far as it was read. */
interface Part {
  readonly heads: readonly StoredHead[];
  /** Where it stopped; undefined: it is through. */
  readonly stoppedAt: ScanPosition | undefined;
}

/**
 * Listings, newest first over all shards. Each list is read from the same position on; what is older than the place where
 * one of them stopped is left for the next page. So the position alone is the cursor, and a page looks at so many at most.
 */
export class RedisListing {
  readonly #calls: ShardCalls;
  readonly #shards: readonly Shard[];

  constructor(calls: ShardCalls, shards: readonly Shard[]) {
    this.#calls = calls;
    this.#shards = shards;
  }

  async scan(filter: ScanFilter, cursor: string | undefined, limit: number): Promise<ScanPage> {
    const after = cursor === undefined ? undefined : decodePosition(cursor);
    const asked = { filter, after, limit };
    const parts = (await Promise.all(this.#shards.map((shard) => this.#read(shard, asked)))).flat();
    const stops = parts.map((part) => part.stoppedAt).filter((position) => position !== undefined);
    const boundary = stops.sort(newestFirst)[0];
    const heads = parts
      .flatMap((part) => part.heads)
      .filter((head) => boundary === undefined || newestFirst(head, boundary) <= 0)
      .sort(newestFirst);
    const page = heads.slice(0, limit);
    const last = heads.length > limit ? page.at(-1) : boundary;
    return { heads: page, nextCursor: last === undefined ? undefined : encodePosition(last) };
  }

  async #read(
    shard: Shard,
    { filter, after, limit }: { filter: ScanFilter; after: ScanPosition | undefined; limit: number },
  ): Promise<readonly Part[]> {
    const wanted = placesFor(filter);
    const share = Math.ceil(windowOfAll / (this.#shards.length * wanted.length));
    const window = Math.min(windowMax, Math.max(windowMin, share));
    const args = [
      ...[shard.transaction, String(window), String(limit)],
      ...[numberArg(filter.createdFrom), numberArg(filter.createdBefore)],
      ...[numberArg(after?.createdAt), after?.gid ?? ''],
      ...[wordArg(filter.status), wordArg(filter.type), wordArg(filter.owner), filter.gidPrefix ?? ''],
      ...wanted,
    ];
    const keys = wanted.map((place) => shard.lists[place]);
    const [reply] = await this.#calls.read(shard, [runScript(listScript, keys, args)]);
    return listOf(reply).map((part) => partOf(textsOf(part)));
  }
}

/** Only these lists can have what passes the filter. */
function placesFor({ isFinished, isPaused }: ScanFilter): readonly Place[] {
  const unfinished = [places.open, places.paused];
  const paused: readonly Place[] = [places.paused, places.donePaused];
  return Object.values(places).filter(
    (place) =>
      (isFinished === undefined || unfinished.some((one) => one === place) !== isFinished) &&
      (isPaused === undefined || paused.includes(place) === isPaused),
  );
}

function partOf([createdAt = '', gid = '', ...heads]: readonly string[]): Part {
  const found: StoredHead[] = [];
  for (let at = 0; at + 2 < heads.length; at += 3) {
    found.push(decodeHead(heads[at] ?? '', heads[at + 1] ?? '', heads[at + 2] ?? ''));
  }
  return { heads: found, stoppedAt: createdAt === '' ? undefined : { createdAt: Number(createdAt), gid } };
}

function newestFirst(left: ScanPosition, right: ScanPosition): number {
  return right.createdAt - left.createdAt || compareBytes(right.gid, left.gid);
}

function numberArg(value: number | undefined): string {
  return value === undefined ? '' : String(value);
}

// The sign keeps a filter for an empty text apart from no filter.
function wordArg(text: string | undefined): string {
  return text === undefined ? '' : `=${toWord(text)}`;
}
