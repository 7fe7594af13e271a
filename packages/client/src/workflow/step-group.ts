/**
 * The chains of one `wf.parallel`: when one is refused, the others stop before their next step that is not recorded; so that
 * another run, which finds the refusal in the record at once, goes through the very same steps.
 */
export class StepGroup {
  readonly #parent: StepGroup | undefined;
  readonly #children: StepGroup[] = [];
  readonly #sleepers = new Set<(error: Error) => void>();
  #isStopped = false;

  constructor(parent?: StepGroup) {
    this.#parent = parent;
    if (parent !== undefined) parent.#children.push(this);
  }

  stop(): void {
    this.#isStopped = true;
    for (const wake of this.#sleepers) wake(new ChainStopped());
    for (const child of this.#children) child.stop();
  }

  throwIfStopped(): void {
    if (this.#isStopped) throw new ChainStopped();
    this.#parent?.throwIfStopped();
  }

  /** `wake` is called when the group is stopped. */
  sleeps(wake: (error: Error) => void): void {
    this.#sleepers.add(wake);
  }
}

/** Ends a chain whose neighbour was refused; never leaves `wf.parallel`. */
export class ChainStopped extends Error {
  override readonly name = 'ChainStopped';

  constructor() {
    super('another chain of wf.parallel was refused');
  }
}
