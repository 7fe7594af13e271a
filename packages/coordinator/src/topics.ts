import { checkName, limits, TandemError } from '@tandem/protocol';
import type { Store } from '@tandem/store';
import type { Clock } from './ports.js';

/** The category of key-values that topics live in; the name is DTM's. */
const category = 'topics';
const compareAndSetTriesMax = 20;
const remarkCharactersMax = 1_024;

interface Subscriber {
  readonly url: string;
  readonly remark: string;
}

/** Topics and their subscribers, read from the store each time: what a change made is seen by the next message. */
export class Topics {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #checkUrl: (url: string) => void;

  /** `checkUrl` throws what no caller can call: one such subscriber would keep every message of its topic from ending. */
  constructor(store: Store, clock: Clock, checkUrl: (url: string) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#checkUrl = checkUrl;
  }

  /** The URLs that subscribe to a topic, in the order they came. Throws TOPIC_NOT_FOUND where there is none. */
  async subscribersOf(topic: string): Promise<readonly string[]> {
    const { subscribers } = await this.#read(topic);
    if (subscribers.length === 0) throw new TandemError('TOPIC_NOT_FOUND', `no service subscribes to topic ${topic}`);
    return subscribers.map((subscriber) => subscriber.url);
  }

  /** Adds a subscriber; one that is there already is refused with ALREADY_EXISTS, a bad URL with UNSUPPORTED_BRANCH_URL. */
  async subscribe(topic: string, url: string, remark: string): Promise<void> {
    checkName(topic, 'the topic');
    if (url.length > limits.urlCharactersMax) throw new TandemError('LIMIT_EXCEEDED', 'the url is too long');
    if (remark.length > remarkCharactersMax) throw new TandemError('LIMIT_EXCEEDED', 'the remark is too long');
    this.#checkUrl(url);
    await this.#change(topic, (subscribers) => {
      if (subscribers.some((subscriber) => subscriber.url === url)) {
        throw new TandemError('ALREADY_EXISTS', `${url} subscribes to topic ${topic} already`);
      }
      if (subscribers.length >= limits.branchesMax) {
        throw new TandemError('LIMIT_EXCEEDED', `topic ${topic} has ${String(limits.branchesMax)} subscribers`);
      }
      return [...subscribers, { url, remark }];
    });
  }

  /** Takes a subscriber away. Throws TOPIC_NOT_FOUND or NOT_FOUND. */
  async unsubscribe(topic: string, url: string): Promise<void> {
    await this.#change(topic, (subscribers, version) => {
      if (version === 0) throw new TandemError('TOPIC_NOT_FOUND', `there is no topic ${topic}`);
      const left = subscribers.filter((subscriber) => subscriber.url !== url);
      if (left.length === subscribers.length) {
        throw new TandemError('NOT_FOUND', `${url} does not subscribe to topic ${topic}`);
      }
      return left;
    });
  }

  /** Deletes a topic with its subscribers. Throws TOPIC_NOT_FOUND. */
  async delete(topic: string): Promise<void> {
    const wasThere = await this.#store.deleteKeyValue(category, topic);
    if (!wasThere) throw new TandemError('TOPIC_NOT_FOUND', `there is no topic ${topic}`);
  }

  async #change(
    topic: string,
    change: (subscribers: readonly Subscriber[], version: number) => readonly Subscriber[],
  ): Promise<void> {
    for (let tries = 0; tries < compareAndSetTriesMax; tries += 1) {
      const { subscribers, version } = await this.#read(topic);
      const value = JSON.stringify(change(subscribers, version));
      if (await this.#store.putKeyValue(category, topic, value, version, this.#clock.now())) return;
    }
    throw new TandemError('OVERLOADED', `topic ${topic} is changed by many at once; try again`);
  }

  async #read(topic: string): Promise<{ subscribers: readonly Subscriber[]; version: number }> {
    const found = await this.#store.getKeyValue(category, topic);
    if (found === undefined) return { subscribers: [], version: 0 };
    return { subscribers: JSON.parse(found.value) as Subscriber[], version: found.version };
  }
}
