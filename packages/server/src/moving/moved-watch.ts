import type { Store } from '@tandem/store';
import { readMarks, whyNotToServe } from './moving-marks.js';

export interface MovedWatchOptions {
  readonly store: Store;
  readonly everyMs: number;
  /** Told once: nobody may go on serving the store. */
  readonly moved: (reason: string) => void;
}

/** Notices that the store was moved away while this node was not seen to be alive, paused or cut off, say. */
export class MovedWatch {
  readonly #options: MovedWatchOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: MovedWatchOptions) {
    this.#options = options;
  }

  start(): void {
    const { store, everyMs, moved } = this.#options;
    this.#timer = setInterval(() => {
      // A store that fails is told by those who need it.
      void readMarks(store).then(
        (marks) => {
          const reason = whyNotToServe(marks);
          if (reason === undefined) return;
          this.close();
          moved(reason);
        },
        () => undefined,
      );
    }, everyMs).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
