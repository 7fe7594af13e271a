import type { BranchService } from './branch-service.js';
import { submitTo } from './cluster-nodes.js';
import { saga } from './requests.js';

const pauseMs = 100;

/** How fast a machine is that does other things too: sagas of one step, one after the other, at a node that nothing happens to. */
export class Pace {
  readonly #working: Promise<void>;
  #isOver = false;
  #longestMs = 0;

  constructor(nodeUrl: string, branch: BranchService) {
    this.#working = this.#work(nodeUrl, `${branch.url}/pace`);
    // Told by `stop`; a test that failed before it ends the node under it.
    this.#working.catch(() => undefined);
  }

  /** Answers how long the longest took, in ms. */
  async stop(): Promise<number> {
    this.#isOver = true;
    await this.#working;
    return this.#longestMs;
  }

  async #work(nodeUrl: string, action: string): Promise<void> {
    for (let count = 0; !this.#isOver; count += 1) {
      const at = performance.now();
      await (await submitTo(nodeUrl, saga(`pace-${String(count)}`, [{ action }], { wait_result: true }))).text();
      this.#longestMs = Math.max(this.#longestMs, performance.now() - at);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}
