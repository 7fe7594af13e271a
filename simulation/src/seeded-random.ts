/** Chance by seed: the same seed and name give the same numbers, on every machine and version of Node. */
export class SeededRandom {
  #state: number;

  /** Streams of different names are independent: what one part draws more or less does not shift the others. */
  constructor(seed: number, name: string) {
    let hash = (seed ^ 0x811c9dc5) >>> 0;
    for (let at = 0; at < name.length; at += 1) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193) >>> 0;
    this.#state = hash;
    this.share();
  }

  /** From 0 (inclusive) to 1. */
  share(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    const state = this.#state;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  chance(share: number): boolean {
    return share > 0 && this.share() < share;
  }

  /** A whole number from 0 to `max` - 1. */
  below(max: number): number {
    return Math.floor(this.share() * max);
  }

  /** A whole number, both ends included. */
  between(min: number, max: number): number {
    return min + this.below(max - min + 1);
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0];
  }

  /** Small numbers often, large ones seldom: for sizes and delays. Both ends included. */
  skewed(min: number, max: number): number {
    return min + Math.floor(this.share() ** 3 * (max - min + 1));
  }

  list<T>(count: number, make: (index: number) => T): T[] {
    return Array.from({ length: count }, (_, index) => make(index));
  }

  shuffle<T>(list: readonly T[]): T[] {
    const left = [...list];
    const out: T[] = [];
    while (left.length > 0) out.push(...left.splice(this.below(left.length), 1));
    return out;
  }
}
