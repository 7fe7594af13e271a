/** The runs of workflows' code: how many have begun, and how many are under way. */
export class WorkflowRuns {
  readonly #begun = new Map<string, number>();
  readonly #ended = new Map<string, number>();

  /** Answers the number of the run, from 1. */
  begin(gid: string): number {
    const count = this.begun(gid) + 1;
    this.#begun.set(gid, count);
    return count;
  }

  end(gid: string): void {
    this.#ended.set(gid, (this.#ended.get(gid) ?? 0) + 1);
  }

  begun(gid: string): number {
    return this.#begun.get(gid) ?? 0;
  }

  underWay(gid: string): number {
    return this.begun(gid) - (this.#ended.get(gid) ?? 0);
  }
}
