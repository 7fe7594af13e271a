import { backCheckRow, decideBackCheck, messageOp, type BarrierRow } from '@tandem/protocol';
import { explained, skipped, told } from '../barrier/barrier-results.js';
import type { Barrier, BarrierResult } from '../barrier/barrier.js';
import { checkUrlOf, keyOfCheck, refuseUnanswerable } from '../barrier/check-url.js';
import { branchHandler, type BranchHandlerOptions, type RequestHandler } from '../branch/branch-handler.js';
import { BranchFailure } from '../branch/branch-outcome.js';
import { durationMs, type Duration } from '../duration.js';
import { InvalidUse } from '../errors.js';
import { adjustScript, notAnInteger } from './adjust-script.js';
import { adjustArgs, type Adjustment } from './adjustment.js';
import { backCheckScript } from './back-check-script.js';
import { guardedScript, type RedisScript } from './barrier-script.js';
import { refuseEviction } from './eviction.js';
import { markKey } from './mark-key.js';
import { checkNames, type OptionNames } from '../option-names.js';
import { isErrorReply, runScript, type RedisDriver } from './redis-driver.js';

/** How marks are kept. */
export interface RedisBarrierOptions {
  /**
   * How long after their last use; at least `'1d'`. Longer than any transaction is retried: a compensation that comes after the mark
   * of its action has gone finds nothing to undo. `'forever'`: you delete them. Default `'30d'`.
   */
  readonly keepMarks?: Duration | 'forever';
}

/** Work of your own, in Lua. */
export interface RedisWork {
  /**
   * The body of a function with KEYS and ARGV; what it returns is the value. `refuse('why')` ends it and refuses the branch: call it
   * before the first write, since Redis takes nothing back. The same text each time: what changes belongs in `args`.
   */
  readonly lua: string;
  /** Become KEYS. The marks lie beside the first: what undoes the work names the same one first. On a cluster, all have one hash tag. */
  readonly keys: readonly [string, ...string[]];
  /** Become ARGV. */
  readonly args?: readonly (string | number)[];
}

/** What a script returned, as Redis's protocol says it. A number in Lua loses what is behind its point; nothing is `undefined`. */
export type RedisValue = string | number | null | undefined | readonly RedisValue[];

const optionNames: OptionNames<RedisBarrierOptions> = { keepMarks: true };
const workNames: OptionNames<RedisWork> = { lua: true, keys: true, args: true };

/** Barriers on Redis: the mark and the work are one script, which Redis does whole or not at all. */
export class RedisBarriers {
  readonly #driver: RedisDriver;
  readonly #keptMs: string;

  constructor(driver: RedisDriver, options: RedisBarrierOptions = {}) {
    checkNames('barriers on Redis', options, optionNames);
    this.#driver = driver;
    this.#keptMs = keptMsOf(options.keepMarks ?? '30d');
  }

  /**
   * Changes a whole number: that of a key, or of a field of a hash; one that is missing is 0. Resolves with the number after it. Throws
   * `BranchFailure` where that would pass the limit, and `InvalidUse` (`NOT_AN_INTEGER`) where there is something else.
   */
  async adjust(barrier: Barrier, adjustment: Adjustment): Promise<BarrierResult<number>> {
    const { key } = adjustment;
    try {
      const result = await this.#guarded(barrier, adjustScript, { keys: [key], args: adjustArgs(adjustment) });
      return result.done ? told({ done: true, value: Number(result.value) }) : result;
    } catch (error) {
      if (!isErrorReply(error, notAnInteger)) throw error;
      const found = error.message.slice(notAnInteger.length + 1);
      throw new InvalidUse('NOT_AN_INTEGER', `${key} is no whole number up to 2^53 - 1, but ${found}`, error);
    }
  }

  /** Does work of your own in Lua. Throws `BranchFailure` where it refuses, and what the library throws where it fails. */
  async script(barrier: Barrier, work: RedisWork): Promise<BarrierResult<RedisValue>> {
    checkNames('script', work, workNames);
    const { lua, keys, args = [] } = work;
    if (typeof (lua as unknown) !== 'string')
      throw new InvalidUse('INVALID_OPTION', 'lua must be the text of a script');
    return this.#guarded(barrier, guardedScript(lua), { keys, args: args.map(argumentText) });
  }

  /** The URL for `doAndSubmit`: it tells `backCheckHandler` beside which key the mark lies. */
  checkUrl(url: string, key: string): string {
    return checkUrlOf(url, firstOf([key]));
  }

  /** Answers the coordinator's question whether the local work of a message was done. Serve it where `checkUrl` points to. */
  backCheckHandler(options: BranchHandlerOptions = {}): RequestHandler {
    return branchHandler(async ({ op, barrier, request }) => {
      if (op !== messageOp) throw new InvalidUse('NOT_A_BRANCH_CALL', `this is a back-check, not a branch for "${op}"`);
      if ((await this.backCheck(barrier, keyOfCheck(request.url))) === 'committed') return;
      throw new BranchFailure('the local work was not done');
    }, options);
  }

  /** Whether the local work of this call's message was done. Where it was not, it is kept from being done later. */
  async backCheck(barrier: Barrier, key: string): Promise<'committed' | 'rolledBack'> {
    const row = backCheckRow(barrier.nextRows().current.gid);
    const args = [fieldOf(row), row.reason, this.#keptMs];
    const reason = await this.#run(backCheckScript, [this.#marksOf(row, firstOf([key]))], args);
    return decideBackCheck(String(reason)) === 'committed' ? 'committed' : 'rolledBack';
  }

  async #guarded(
    barrier: Barrier,
    script: RedisScript,
    { keys, args }: { readonly keys: readonly string[]; readonly args: readonly string[] },
  ): Promise<BarrierResult<RedisValue>> {
    const first = firstOf(keys);
    const { origin, current } = barrier.nextRows();
    const marks = this.#marksOf(current, first);
    const isThere = (asked: string) => this.#marksOf(current, asked) === marks;
    refuseUnanswerable(barrier, current, { key: JSON.stringify(first), isThere });
    const ours = [fieldOf(current), current.reason, origin === undefined ? '' : fieldOf(origin), this.#keptMs];
    const answer = await this.#run(script, [marks, ...keys], [...ours, ...args]);
    const [kind, value] = answer as readonly [unknown, RedisValue];
    switch (String(kind)) {
      case 'done':
        return told({ done: true, value });
      case 'nothing':
        return skipped('nothingToUndo');
      case 'refused':
        throw new BranchFailure(String(value));
      default:
        return explained(current, String(value));
    }
  }

  #run(script: RedisScript, keys: readonly [string, ...string[]], args: readonly string[]): Promise<unknown> {
    const beforeText = () => refuseEviction(this.#driver, keys[0], this.#keptMs === '');
    return runScript(this.#driver, script, { keys, args, beforeText });
  }

  /** The library puts its prefix before this key, too: the tag is of what the business key becomes. */
  #marksOf({ gid }: BarrierRow, key: string): string {
    return markKey(this.#driver.keyPrefix + key, gid);
  }
}

/** As the scripts take it: '' for ever. */
function keptMsOf(keepMarks: Duration | 'forever'): string {
  if (keepMarks === 'forever') return '';
  const keptMs = durationMs('keepMarks', keepMarks);
  if (keptMs >= keptMsMin && Number.isSafeInteger(keptMs)) return String(keptMs);
  const hint = 'a compensation that comes after the mark of its action has gone undoes nothing';
  throw new InvalidUse('INVALID_OPTION', `keepMarks must be '1d' or more, or 'forever', not '${keepMarks}': ${hint}`);
}

const keptMsMin = durationMs('keepMarks', '1d');

function fieldOf({ branchId, op, barrierId }: BarrierRow): string {
  return `${branchId} ${op} ${barrierId}`;
}

/** The key beside which the marks lie. Throws `INVALID_OPTION` where one is none. */
function firstOf(keys: readonly unknown[]): string {
  const [first] = keys;
  const bad = keys.find((key) => typeof key !== 'string' || key === '');
  if (typeof first === 'string' && bad === undefined) return first;
  throw new InvalidUse('INVALID_OPTION', `a key must have a name, and not be "${String(bad)}"`);
}

function argumentText(argument: string | number, at: number): string {
  if (typeof argument === 'string' || Number.isFinite(argument)) return String(argument);
  throw new InvalidUse('INVALID_OPTION', `args[${at}] must be a text or a number, not ${String(argument)}`);
}
