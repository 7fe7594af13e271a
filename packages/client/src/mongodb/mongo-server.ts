import type { Db } from 'mongodb';
import { InvalidUse } from '../errors.js';

const knownForMs = 60_000;

/** What a server says of itself: its time, by which marks and rows grow old whatever the clocks of their writers say. */
export class MongoServer {
  readonly #db: Db;
  #aheadMs = 0;
  #knownUntilMs = -Infinity;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Its time, too early by no more than a round trip. Asked once a minute, and counted on in between. */
  async now(): Promise<Date> {
    if (performance.now() >= this.#knownUntilMs) {
      const { localTime } = await this.#hello();
      this.#aheadMs = localTime.getTime() - performance.now();
      this.#knownUntilMs = performance.now() + knownForMs;
    }
    return new Date(performance.now() + this.#aheadMs);
  }

  /** Throws `TRANSACTIONS_NOT_AVAILABLE` where it has none: it would refuse in words that help nobody. */
  async requireTransactions(): Promise<void> {
    const { setName, msg } = await this.#hello();
    if (setName !== undefined || msg === 'isdbgrid') return;
    const told = 'this server has no transactions, which MongoDB does on replica sets and sharded clusters only';
    throw new InvalidUse('TRANSACTIONS_NOT_AVAILABLE', `${told}: use documentBarriers, which need none`);
  }

  async #hello(): Promise<Hello> {
    return (await this.#db.command({ hello: 1 })) as Hello;
  }
}

interface Hello {
  readonly localTime: Date;
  /** Of a replica set. */
  readonly setName?: string;
  /** `isdbgrid`: a router of a sharded cluster. */
  readonly msg?: string;
}
