import type { WakeFilter } from '@tandem/store';
import { runScript, type Command, type ShardCalls } from '../engine/shard-calls.js';
import type { Shard } from '../layout/shard.js';
import { toWord } from '../layout/words.js';
import { wakeAllScript, wakeTargetScript, wakeWindow } from '../scripts/wake-scripts.js';
import { takeFirst } from './take-first.js';
import { textsOf } from './texts.js';

/** Most transactions of one shard that one run of the script wakes. */
const wakeMax = 1_000;

interface Wake {
  readonly filter: WakeFilter;
  readonly now: number;
}

/** Makes due what waits, the earliest due first. With several shards a look says how many each has among the first. */
export class RedisWakes {
  readonly #calls: ShardCalls;
  readonly #shards: readonly Shard[];

  constructor(calls: ShardCalls, shards: readonly Shard[]) {
    this.#calls = calls;
    this.#shards = shards;
  }

  async wake(filter: WakeFilter, now: number, limit: number): Promise<number> {
    if (filter.waitsFor === '') return 0;
    let woken = 0;
    let offset = 0;
    for (let isMore = true; isMore && woken < limit;) {
      const round = await this.#round({ filter, now }, Math.min(limit - woken, wakeMax), offset);
      woken += round.woken;
      // What was woken is out of the way, and what lay behind it has moved up. Where it is not, since the filter names a time
      // that has passed, a second round would wake the same again.
      offset += wakeWindow - round.woken;
      isMore = round.isMore && filter.dueAfter >= now;
    }
    return woken;
  }

  async #round(wake: Wake, limit: number, offset: number): Promise<{ woken: number; isMore: boolean }> {
    const [only, ...others] = this.#shards;
    if (only !== undefined && others.length === 0) {
      const { dues, isMore } = await this.#run(only, wake, { limit, offset, isLook: false });
      return { woken: dues.length, isMore: isMore || dues.length === wakeMax };
    }
    const seen = await Promise.all(
      this.#shards.map((shard) => this.#run(shard, wake, { limit, offset, isLook: true })),
    );
    const counts = takeFirst(
      seen.map((one) => one.dues),
      limit,
    );
    const woken = await Promise.all(
      this.#shards.map(async (shard, index) => {
        const count = counts[index] ?? 0;
        if (count === 0) return 0;
        return (await this.#run(shard, wake, { limit: count, offset, isLook: false })).dues.length;
      }),
    );
    const sum = woken.reduce((all, one) => all + one, 0);
    return { woken: sum, isMore: seen.some((one) => one.isMore) || sum === wakeMax };
  }

  async #run(
    shard: Shard,
    wake: Wake,
    run: { readonly limit: number; readonly offset: number; readonly isLook: boolean },
  ): Promise<{ readonly dues: readonly number[]; readonly isMore: boolean }> {
    const command = commandFor(shard, wake, run);
    const [reply] = run.isLook ? await this.#calls.read(shard, [command]) : await this.#calls.write(shard, [command]);
    const texts = textsOf(reply);
    if (wake.filter.waitsFor !== undefined) return { dues: texts.map(Number), isMore: false };
    return { dues: texts.slice(1).map(Number), isMore: texts[0] === '1' };
  }
}

function commandFor(
  shard: Shard,
  { filter, now }: Wake,
  { limit, offset, isLook }: { readonly limit: number; readonly offset: number; readonly isLook: boolean },
): Command {
  const times = [String(now), String(filter.dueAfter), String(limit), isLook ? '0' : '1'];
  const args = [shard.transaction, shard.queue, ...times];
  if (filter.waitsFor === undefined) {
    return runScript(wakeAllScript, [shard.types, shard.waiting], [...args, String(offset)]);
  }
  return runScript(wakeTargetScript, [shard.waiting], [...args, toWord(filter.waitsFor)]);
}
