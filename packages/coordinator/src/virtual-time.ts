/**
 * The time of the whole world: events in order of their time, and of their making where the time is the same.
 *
 * T1. Nothing happens by itself: an event runs when `next` is asked for it, and never before its time.
 */
interface Entry {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  isCancelled: boolean;
}

export class VirtualTime {
  #now = 0;
  #made = 0;
  #heap: Entry[] = [];
  #pending = 0;

  /** Ms since the world began. */
  get now(): number {
    return this.#now;
  }

  /** Events that will happen. */
  get pending(): number {
    return this.#pending;
  }

  /** Makes something happen `delayMs` from now; the answer cancels it. */
  in(delayMs: number, run: () => void): () => void {
    const entry: Entry = {
      at: this.#now + Math.max(0, Math.ceil(delayMs)),
      order: (this.#made += 1),
      run,
      isCancelled: false,
    };
    this.#push(entry);
    this.#pending += 1;
    return () => {
      if (entry.isCancelled) return;
      entry.isCancelled = true;
      this.#pending -= 1;
    };
  }

  /** Runs the next event if it is not later than `until`; answers whether there was one. Else the time is `until`. */
  next(until: number): boolean {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || first.at > until) {
        this.#now = Math.max(this.#now, until);
        return false;
      }
      this.#pop();
      if (first.isCancelled) continue;
      first.isCancelled = true;
      this.#pending -= 1;
      this.#now = first.at;
      first.run();
      return true;
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(entry, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const left = heap[child];
      if (left === undefined) break;
      const right = heap[child + 1];
      let least = left;
      if (right !== undefined && isBefore(right, left)) {
        least = right;
        child += 1;
      }
      if (!isBefore(least, last)) break;
      heap[at] = least;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(left: Entry, right: Entry): boolean {
  return left.at < right.at || (left.at === right.at && left.order < right.order);
}
