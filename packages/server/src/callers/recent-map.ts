/** A bounded map that forgets what was not used for longest; `forgotten` is told. */
export class RecentMap<Value> {
  // Two generations instead of an exact order: a hit in the young one costs a single look-up on the path of every call.
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();
  readonly #half: number;
  readonly #forgotten: (value: Value) => void;

  constructor(sizeMax: number, forgotten: (value: Value) => void = () => undefined) {
    this.#half = Math.max(1, Math.floor(sizeMax / 2));
    this.#forgotten = forgotten;
  }

  get(key: string): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old === undefined) return undefined;
    this.#old.delete(key);
    this.set(key, old);
    return old;
  }

  set(key: string, value: Value): void {
    this.#young.set(key, value);
    if (this.#young.size < this.#half) return;
    const forgotten = [...this.#old.values()];
    this.#old = this.#young;
    this.#young = new Map();
    forgotten.forEach(this.#forgotten);
  }

  values(): readonly Value[] {
    return [...this.#young.values(), ...this.#old.values()];
  }
}
