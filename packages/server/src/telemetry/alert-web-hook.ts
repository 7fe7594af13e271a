/**
 * Tells an operator's URL of branches that were tried in vain, beside the work and never in its way: a bounded queue, one
 * call at a time, each branch operation once an hour at most, no second attempt.
 */
import { request } from 'undici';
import { RecentMap } from '../callers/recent-map.js';

/** The body of an alert; the first five names are DTM's. */
export interface Alert {
  readonly gid: string;
  readonly status: string;
  readonly branch: string;
  readonly error: string;
  readonly retry_count: number;
  readonly branch_id: string;
  readonly op: string;
}

export interface AlertOptions {
  readonly url: string;
  /** Unclear answers from which on an alert is sent. */
  readonly retryLimit: number;
  readonly failed: (error: unknown) => void;
  readonly now?: () => number;
}

const queueMax = 1_000;
const timeoutMs = 5_000;
const repeatAfterMs = 3_600_000;

/** Sends alerts until it is closed. */
export class AlertWebHook {
  readonly #options: AlertOptions;
  readonly #now: () => number;
  readonly #sentAt = new RecentMap<number>(20_000);
  readonly #queue: Alert[] = [];
  #sending: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: AlertOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Queues an alert if it is due, not sent lately, and there is room. */
  offer(alert: Alert): void {
    if (this.#isClosed || this.#options.url === '' || alert.retry_count < this.#options.retryLimit) return;
    if (this.#queue.length >= queueMax) return;
    const key = `${alert.branch_id} ${alert.op} ${alert.gid}`;
    const sentAt = this.#sentAt.get(key);
    if (sentAt !== undefined && this.#now() - sentAt < repeatAfterMs) return;
    this.#sentAt.set(key, this.#now());
    this.#queue.push(alert);
    this.#sending ??= this.#sendAll();
  }

  /** Drops what is queued and waits for the call under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#queue.length = 0;
    await this.#sending;
  }

  async #sendAll(): Promise<void> {
    for (let alert = this.#queue.shift(); alert !== undefined; alert = this.#queue.shift()) {
      try {
        await this.#send(alert);
      } catch (error) {
        this.#options.failed(error);
      }
    }
    this.#sending = undefined;
  }

  async #send(alert: Alert): Promise<void> {
    const { statusCode, body } = await request(this.#options.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alert),
      signal: AbortSignal.timeout(timeoutMs),
    });
    await body.dump();
    if (statusCode >= 300) throw new Error(`the alert web hook answered ${String(statusCode)}`);
  }
}
