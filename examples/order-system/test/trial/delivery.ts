/**
 * A network that repeats calls, delivers some late, and loses answers. Which, is drawn by seed; what the two proxies share.
 *
 * A late call arrives after its caller was told that it is not clear; a copy arrives after the call itself was answered. Both may come
 * after the branch has been undone, which is what they are for.
 */
import type { Random } from '@tandem/torture/random';

/** One call of a branch, as the coordinator names it. */
export interface Call {
  readonly gid: string;
  readonly branch: string;
  readonly op: string;
}

/** What the network has done. */
export interface Deeds {
  passed: number;
  repeated: number;
  late: number;
  lost: number;
  /** Of the copies and the late calls: those that arrived when the call that undoes them had come. */
  afterUndo: number;
}

/** `afterUndo`: of the undos, since what is late by chance alone is seldom late enough. */
const share = { repeated: 0.06, late: 0.04, lost: 0.04, afterUndo: 0.2 };
const undoing: readonly string[] = ['compensate', 'cancel'];

export class Delivery<Answer> {
  readonly deeds: Deeds = { passed: 0, repeated: 0, late: 0, lost: 0, afterUndo: 0 };
  readonly #random: Random;
  readonly #undone = new Set<string>();
  /** By branch, the call that an undo undoes. */
  readonly #actions = new Map<string, () => Promise<Answer>>();
  readonly #underWay = new Set<Promise<void>>();
  #isCalm = false;

  constructor(random: Random) {
    this.#random = random;
  }

  /** From now on, every call arrives once and is answered; resolves when all late ones have arrived. */
  async calm(): Promise<void> {
    this.#isCalm = true;
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** Resolves with the answer; undefined: the caller is not told. */
  async deliver(call: Call, send: () => Promise<Answer>): Promise<Answer | undefined> {
    const branch = `${call.gid} ${call.branch}`;
    if (undoing.includes(call.op)) this.#undo(branch);
    else this.#actions.set(branch, send);
    const drawn = this.#isCalm ? 1 : this.#random.next();
    if (drawn < share.repeated) {
      this.deeds.repeated += 1;
      this.#sendLater(branch, call.op, send);
      return send();
    }
    if (drawn < share.repeated + share.late) {
      this.deeds.late += 1;
      this.#sendLater(branch, call.op, send);
      return undefined;
    }
    if (drawn < share.repeated + share.late + share.lost) {
      this.deeds.lost += 1;
      await send().catch(() => undefined);
      return undefined;
    }
    this.deeds.passed += 1;
    return send();
  }

  /** Now and then the network has kept a copy of what is undone. */
  #undo(branch: string): void {
    this.#undone.add(branch);
    const action = this.#actions.get(branch);
    if (action === undefined || this.#isCalm || !this.#random.chance(share.afterUndo)) return;
    this.deeds.repeated += 1;
    this.#sendLater(branch, 'action', action);
  }

  #sendLater(branch: string, op: string, send: () => Promise<Answer>): void {
    const delayMs = this.#random.integer(0, 6_000);
    const arrived = new Promise((resolve) => setTimeout(resolve, delayMs))
      .then(() => {
        if (!undoing.includes(op) && this.#undone.has(branch)) this.deeds.afterUndo += 1;
        return send();
      })
      .then(
        () => undefined,
        () => undefined,
      )
      .finally(() => this.#underWay.delete(arrived));
    this.#underWay.add(arrived);
  }
}
