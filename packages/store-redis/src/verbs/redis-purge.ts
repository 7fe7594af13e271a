import { TandemError } from '@tandem/protocol';
import { decodePosition, encodePosition, type PurgeResult, type ScanPosition } from '@tandem/store';
import { runScript, type ShardCalls } from '../engine/shard-calls.js';
import { places, type Shard } from '../layout/shard.js';
import { purgeScript } from '../scripts/purge-script.js';
import { textsOf } from './texts.js';

/** Most transactions that one run of the script deletes. */
const runMax = 200;
const finishedPlaces = [places.done, places.donePaused] as const;

/** Where a sweep is: the number of a list, counted through all shards, and the position in it. */
interface SweepPosition {
  readonly list: number;
  readonly after: ScanPosition | undefined;
}

/** Deletes what finished long ago, list by list, the oldest created first. */
export class RedisPurge {
  readonly #calls: ShardCalls;
  readonly #shards: readonly Shard[];

  constructor(calls: ShardCalls, shards: readonly Shard[]) {
    this.#calls = calls;
    this.#shards = shards;
  }

  async purge(finishedBefore: number, cursor: string | undefined, limit: number): Promise<PurgeResult> {
    const lists = this.#shards.length * finishedPlaces.length;
    let { list, after } = cursor === undefined ? { list: 0, after: undefined } : decodeSweep(cursor);
    let purged = 0;
    let left = limit;
    while (list < lists && left > 0) {
      const asked = Math.min(left, runMax);
      const run = await this.#run({ list, after }, finishedBefore, asked);
      purged += run.purged;
      left -= run.seen;
      if (run.seen === asked) {
        after = run.last;
      } else {
        list++;
        after = undefined;
      }
    }
    return { purged, nextCursor: list < lists ? encodeSweep({ list, after }) : undefined };
  }

  async #run(
    { list, after }: SweepPosition,
    finishedBefore: number,
    limit: number,
  ): Promise<{ readonly purged: number; readonly seen: number; readonly last: ScanPosition | undefined }> {
    const shard = this.#shards[Math.floor(list / finishedPlaces.length)];
    const place = finishedPlaces[list % finishedPlaces.length];
    if (shard === undefined || place === undefined) return { purged: 0, seen: 0, last: undefined };
    const position = after === undefined ? ['', ''] : [String(after.createdAt), after.gid];
    const args = [shard.transaction, String(finishedBefore), String(limit), ...position, place];
    const [reply] = await this.#calls.write(shard, [runScript(purgeScript, [shard.lists[place]], args)]);
    const [purged, seen, createdAt = '', gid = ''] = textsOf(reply);
    const last = createdAt === '' ? undefined : { createdAt: Number(createdAt), gid };
    return { purged: Number(purged), seen: Number(seen), last };
  }
}

function encodeSweep({ list, after }: SweepPosition): string {
  return `${list}:${after === undefined ? '' : encodePosition(after)}`;
}

function decodeSweep(cursor: string): SweepPosition {
  const match = /^(\d{1,6}):(.*)$/s.exec(cursor);
  if (match === null) throw new TandemError('INVALID_REQUEST', 'the position is not one that a sweep gave');
  const [, list, after = ''] = match;
  return { list: Number(list), after: after === '' ? undefined : decodePosition(after) };
}
