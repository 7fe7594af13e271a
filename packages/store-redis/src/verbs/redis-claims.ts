import type { ClaimRequest, ClaimResult, StoredTransaction } from '@tandem/store';
import { runScript, type ShardCalls } from '../engine/shard-calls.js';
import type { Shard } from '../layout/shard.js';
import { decodeTransaction } from '../layout/transaction-codec.js';
import { toWord } from '../layout/words.js';
import { claimScript, peekScript } from '../scripts/claim-scripts.js';
import { listOf, textOf, textsOf } from './texts.js';
import { takeFirst } from './take-first.js';

/** Most transactions of one shard that one claim takes, and about how many bytes of all shards it brings. */
const claimMax = 500;
const claimBytesMax = 32 << 20;

/** Others claim at the same time: a look that came too late is taken again, so often at most. */
const roundsMax = 8;

interface Seen {
  readonly due: readonly number[];
  readonly nextAt: number | undefined;
}

interface Taken {
  readonly claimed: readonly StoredTransaction[];
  readonly nextAt: number | undefined;
  /** There was more, but too much at once, or out of reach. */
  readonly isCut: boolean;
}

interface Round extends Taken {
  /** Somebody else was faster with some of what the look saw. */
  readonly isLate: boolean;
}

/**
 * Claims, those first that could be claimed first in the whole store: with several shards a look at all of them says how
 * many each has among the first. Where nothing is due, the look is all.
 */
export class RedisClaims {
  readonly #calls: ShardCalls;
  readonly #shards: readonly Shard[];

  constructor(calls: ShardCalls, shards: readonly Shard[]) {
    this.#calls = calls;
    this.#shards = shards;
  }

  async claimDue(request: ClaimRequest): Promise<ClaimResult> {
    const limit = Math.min(request.limit, claimMax);
    const [only, ...others] = this.#shards;
    if (only !== undefined && others.length === 0) {
      const { claimed, nextAt } = await this.#take(only, request, limit, claimBytesMax);
      return { claimed, nextAt };
    }
    const claimed: StoredTransaction[] = [];
    for (let round = 1; ; round++) {
      const taken = await this.#round(request, limit - claimed.length).catch((error: unknown) => {
        // Nobody would run what an earlier round took before its lease ends.
        if (claimed.length === 0) throw error;
        return { ...untaken(request), isLate: false };
      });
      claimed.push(...taken.claimed);
      if (!taken.isLate || round === roundsMax) return { claimed, nextAt: taken.nextAt };
    }
  }

  async #round(request: ClaimRequest, limit: number): Promise<Round> {
    const seen = await Promise.all(this.#shards.map((shard) => this.#peek(shard, request, limit)));
    const counts = takeFirst(
      seen.map((one) => one.due),
      limit,
    );
    const sharers = counts.filter((count) => count > 0).length;
    const settled = await Promise.allSettled(
      this.#shards.map(async (shard, index): Promise<Taken> => {
        const count = counts[index] ?? 0;
        if (count === 0) return { claimed: [], nextAt: seen[index]?.nextAt, isCut: false };
        return this.#take(shard, request, count, claimBytesMax / sharers);
      }),
    );
    const taken = settled.map((one): Taken => (one.status === 'fulfilled' ? one.value : untaken(request)));
    const claimed = inOrder(seen, taken);
    const fault = settled.find((one) => one.status === 'rejected');
    if (fault !== undefined && claimed.length === 0) throw fault.reason;
    const isCut = taken.some((one) => one.isCut);
    const hoped = counts.reduce((all, one) => all + one, 0);
    const nextAt = earliest(taken.map((one) => one.nextAt));
    return { claimed, nextAt, isCut, isLate: claimed.length < hoped && !isCut };
  }

  async #peek(shard: Shard, { now, types }: ClaimRequest, limit: number): Promise<Seen> {
    const args = [shard.queue, String(now), String(limit), ...typeArgs(types)];
    const [reply] = await this.#calls.read(shard, [runScript(peekScript, [shard.types], args)]);
    const [nextAt = '', ...due] = textsOf(reply);
    return { nextAt: timeOf(nextAt), due: due.map(Number) };
  }

  async #take(shard: Shard, request: ClaimRequest, limit: number, bytesMax: number): Promise<Taken> {
    const { now, owner, leaseUntil, token, types } = request;
    const who = [toWord(owner), String(leaseUntil), toWord(token)];
    const args = [shard.transaction, shard.queue, String(now), String(limit), ...who, String(Math.floor(bytesMax))];
    const command = runScript(claimScript, [shard.types], [...args, ...typeArgs(types)]);
    const [reply] = await this.#calls.write(shard, [command]);
    const [nextAt, isCut, ...pairs] = listOf(reply);
    const claimed: StoredTransaction[] = [];
    for (let at = 0; at + 1 < pairs.length; at += 2) {
      const transaction = decodeTransaction(textOf(pairs[at]), textsOf(pairs[at + 1]));
      if (transaction !== undefined) claimed.push(transaction);
    }
    return { claimed, nextAt: timeOf(textOf(nextAt)), isCut: isCut === '1' };
  }
}

/** Of a shard that failed while others have given something: who claims again at once hears of the fault, if it lasts. */
function untaken({ now }: ClaimRequest): Taken {
  return { claimed: [], nextAt: now, isCut: true };
}

function typeArgs(types: readonly string[] | undefined): readonly string[] {
  return types === undefined ? ['1'] : ['0', ...types.map(toWord)];
}

function timeOf(text: string): number | undefined {
  return text === '' ? undefined : Number(text);
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** Each shard's are in order; what the look saw says how they lie to each other. */
function inOrder(seen: readonly Seen[], taken: readonly Taken[]): readonly StoredTransaction[] {
  const timed = taken.flatMap(({ claimed }, index) =>
    claimed.map((transaction, at) => ({ transaction, at: seen[index]?.due[at] ?? Infinity })),
  );
  return timed.sort((left, right) => left.at - right.at).map(({ transaction }) => transaction);
}
