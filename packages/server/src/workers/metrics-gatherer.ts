import { gaugeText } from '../telemetry/meters.js';
import { mergeMetrics } from './merge-metrics.js';

interface Gathering {
  readonly missing: Set<number>;
  readonly texts: Map<number, string>;
  readonly done: () => void;
}

/** A worker that is busy for longer is left out of this answer, and shown as not up. */
const patienceMs = 2_000;

/** Asks all workers for their metrics and makes one text of them. */
export class MetricsGatherer {
  readonly #gatherings = new Map<number, Gathering>();
  #ids = 0;

  /** `all` and `ready` are numbers of workers; `ask` sends the question with this id. */
  async gather(all: readonly number[], ready: readonly number[], ask: (id: number) => void): Promise<string> {
    const id = (this.#ids += 1);
    const texts = new Map<number, string>();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, patienceMs);
      const done = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.#gatherings.set(id, { missing: new Set(ready), texts, done });
      if (ready.length === 0) done();
      else ask(id);
    });
    this.#gatherings.delete(id);
    for (const number of all) {
      const up = gaugeText('tandem_worker_up', 'Whether this worker has told its metrics.', texts.has(number) ? 1 : 0);
      texts.set(number, `${up}${texts.get(number) ?? ''}`);
    }
    return mergeMetrics(new Map([...texts].sort(([left], [right]) => left - right)));
  }

  told(id: number, worker: number, text: string): void {
    const gathering = this.#gatherings.get(id);
    if (gathering?.missing.delete(worker) !== true) return;
    gathering.texts.set(worker, text);
    if (gathering.missing.size === 0) gathering.done();
  }
}
