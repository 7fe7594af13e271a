/** The worker's end of the channel to its supervisor. */
import cluster from 'node:cluster';
import type { ToSupervisor, ToWorker } from './worker-messages.js';

/** A supervisor that does not answer is one that is ending. */
const patienceMs = 5_000;

export class WorkerLink {
  readonly number: number;
  readonly #waiting = new Map<number, (text: string) => void>();
  #ids = 0;
  #ownMetrics: (() => Promise<string>) | undefined;

  /** Resolves when this process has to end: it is told so, or its supervisor is gone. */
  readonly shutDownAsked: Promise<void>;

  constructor(number: number) {
    this.number = number;
    this.shutDownAsked = new Promise((resolve) => {
      process.on('message', (message: ToWorker) => {
        if (message.kind === 'shutDown') resolve();
        else this.#heard(message);
      });
      cluster.worker?.once('disconnect', () => {
        // Else Node ends this process at once, with calls and requests under way.
        if (cluster.worker !== undefined) cluster.worker.exitedAfterDisconnect = true;
        resolve();
      });
      process.on('SIGTERM', () => {
        resolve();
      });
      // Ctrl-C reaches the supervisor too, which says what is to be done.
      process.on('SIGINT', () => undefined);
    });
  }

  /** What this worker answers when it is asked for its metrics. */
  tells(ownMetrics: () => Promise<string>): void {
    this.#ownMetrics = ownMetrics;
  }

  say(message: ToSupervisor): void {
    if (process.connected) process.send?.(message);
  }

  /** The metrics of all workers; this one's alone where the supervisor does not answer. */
  gatherMetrics(): Promise<string> {
    const id = (this.#ids += 1);
    return new Promise((resolve) => {
      const settle = (text: string | undefined): void => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        if (text !== undefined) resolve(text);
        else resolve(this.#ownMetrics?.() ?? '');
      };
      const timer = setTimeout(settle, patienceMs, undefined);
      this.#waiting.set(id, settle);
      this.say({ kind: 'gather', id });
    });
  }

  #heard(message: Exclude<ToWorker, { readonly kind: 'shutDown' }>): void {
    switch (message.kind) {
      case 'gathered':
        this.#waiting.get(message.id)?.(message.text);
        return;
      case 'tellMetrics':
        void this.#ownMetrics?.().then((text) => {
          this.say({ kind: 'metrics', id: message.id, text });
        });
        return;
    }
  }
}
