/** A small repeatable source of chance (mulberry32): a failing property names its seed. */
export class SeededRandom {
  constructor(private state: number) {}

  /** From 0 to 1, 1 excluded. */
  share(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** A whole number from 0, `below` excluded. */
  below(below: number): number {
    return Math.floor(this.share() * below);
  }

  flag(): boolean {
    return this.share() < 0.5;
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  list<Item>(most: number, make: () => Item): Item[] {
    return Array.from({ length: this.below(most + 1) }, make);
  }

  /** Any text, lone surrogates and control characters included. */
  text(most: number): string {
    return this.list(most, () => String.fromCharCode(this.below(this.flag() ? 0x80 : 0x1_0000))).join('');
  }

  bytes(most: number): Uint8Array {
    return Uint8Array.from(this.list(most, () => this.below(256)));
  }
}
