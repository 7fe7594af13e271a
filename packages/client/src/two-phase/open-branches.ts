import { InvalidUse } from '../errors.js';
import { BranchIds } from './branch-ids.js';

/**
 * The branches that a callback has begun, awaited or not.
 *
 * P1. Nothing is decided while one is under way.
 * P2. One that failed stays failed, whoever caught its error: it is registered, and would be confirmed with the others.
 */
export class OpenBranches {
  readonly #open = new Set<Promise<unknown>>();
  #failure: { readonly error: unknown } | undefined;
  #isEnded = false;

  /** Throws `USED_AFTER_ITS_END` where the callback has returned. */
  async begin<T>(what: string, branch: () => Promise<T>): Promise<T> {
    if (this.#isEnded) {
      throw new InvalidUse(
        'USED_AFTER_ITS_END',
        `${what} came after the end of the transaction: await it inside the callback`,
      );
    }
    const running = branch();
    const noted = running.catch((error: unknown) => {
      this.#failure ??= { error };
    });
    this.#open.add(noted);
    void noted.finally(() => this.#open.delete(noted));
    return running;
  }

  /** Resolves when no branch is under way; throws what the first that failed threw. */
  async end(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open);
    this.#isEnded = true;
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

type Call<T> = (owner: string, branchId: string) => Promise<T>;

/**
 * Begins branches by their names. Each takes its id at once, so that those that are begun side by side are counted in the order in which
 * they are written.
 */
export function branchStarter(
  branches: OpenBranches,
  parentId?: string,
): <T>(name: string, call: Call<T>) => Promise<T> {
  const ids = new BranchIds(parentId);
  return (name, call) => {
    const branchId = ids.next();
    const owner = `branch "${name}"`;
    return branches.begin(owner, () => call(owner, branchId));
  };
}
