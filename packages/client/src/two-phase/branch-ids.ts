/**
 * Ids of the branches of one level: `01` to `99` as DTM's SDKs count, then `a100`, `b1000`: no id is the beginning of another,
 * so that what is nested in one (`0101`) is never mistaken for its neighbour.
 */
export class BranchIds {
  readonly #parent: string;
  #count = 0;

  /** `parent`: the branch that these are nested in; empty: none. */
  constructor(parent = '') {
    this.#parent = parent;
  }

  next(): string {
    this.#count += 1;
    return this.#parent + branchIdAt(this.#count);
  }
}

function branchIdAt(count: number): string {
  if (count < 100) return String(count).padStart(2, '0');
  const digits = String(count);
  return String.fromCharCode('a'.charCodeAt(0) + digits.length - 3) + digits;
}
