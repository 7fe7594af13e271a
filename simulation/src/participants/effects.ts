/** What has really happened to the participants' data: each business change, in the order in which they were committed. */
export interface Effect {
  readonly gid: string;
  readonly branchId: string;
  readonly op: string;
  readonly host: number;
  readonly payload: string;
  /** Its place among all effects of the world. */
  readonly order: number;
}

export class Effects {
  #made = 0;
  readonly #byGid = new Map<string, Effect[]>();

  add(effect: Omit<Effect, 'order'>): void {
    this.#made += 1;
    const known = this.#byGid.get(effect.gid);
    if (known === undefined) this.#byGid.set(effect.gid, [{ ...effect, order: this.#made }]);
    else known.push({ ...effect, order: this.#made });
  }

  of(gid: string): readonly Effect[] {
    return this.#byGid.get(gid) ?? [];
  }

  /** The effects of one branch operation: never more than one. */
  find(gid: string, branchId: string, op: string): Effect | undefined {
    return this.of(gid).find((effect) => effect.branchId === branchId && effect.op === op);
  }

  has(gid: string, branchId: string, op: string): boolean {
    return this.find(gid, branchId, op) !== undefined;
  }
}
