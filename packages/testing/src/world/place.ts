/** Where code runs that dies as a whole: the coordinator, one start of the user's process; or the services, which never do. */
export class Place {
  readonly name: string;
  readonly canDie: boolean;
  #isDead = false;
  #onDeath: (() => void)[] = [];

  constructor(name: string, { canDie }: { readonly canDie: boolean }) {
    this.name = name;
    this.canDie = canDie;
  }

  hasDied(): boolean {
    return this.#isDead;
  }

  die(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    for (const told of this.#onDeath.splice(0)) told();
  }

  /** Told once, when it dies; the answer takes it back. */
  onDeath(told: () => void): () => void {
    this.#onDeath.push(told);
    return () => {
      this.#onDeath = this.#onDeath.filter((other) => other !== told);
    };
  }
}

/** What somebody waits for whose process has died, or whose call was lost. */
export function never(): Promise<never> {
  return new Promise<never>(() => undefined);
}
