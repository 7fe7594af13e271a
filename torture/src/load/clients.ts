/**
 * The clients: each starts one transaction after the other, of every kind, and keeps what it was told.
 *
 * They behave like real ones: some wait for the outcome and some do not, most repeat what got no answer, some give up,
 * and some ask again although they know.
 */
import { setMaxListeners } from 'node:events';
import type { Told } from '../kinds/told.js';
import type { City, TransactionKind } from '../kinds/transaction-kind.js';
import { pause } from '../pause.js';
import type { Random } from '../random.js';
import { isOutcome, type ClientRecord } from './client-record.js';

export interface ClientsOptions {
  readonly city: City;
  readonly kinds: readonly TransactionKind[];
  readonly random: Random;
  /** How many are at work side by side. */
  readonly count: number;
  /** Hears of every success for which somebody waited, with the moment in which it was asked for. */
  readonly onSuccess: (askedAt: number) => void;
}

interface Record extends ClientRecord {
  readonly told: Told[];
}

const attemptsMax = 6;

export class Clients {
  readonly #options: ClientsOptions;
  readonly #records: Record[] = [];
  readonly #stop = new AbortController();
  #working: Promise<void>[] = [];

  constructor(options: ClientsOptions) {
    this.#options = options;
    setMaxListeners(0, this.#stop.signal);
  }

  get records(): readonly ClientRecord[] {
    return this.#records;
  }

  start(): void {
    const { count, random } = this.#options;
    this.#working = Array.from({ length: count }, (_, index) => this.#work(random.fork(`client ${String(index)}`)));
  }

  /** Starts no more; resolves when everybody has been answered or has given up. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#working);
  }

  /** So many transactions at the same moment, nobody waiting; what comes of them is kept like the rest. */
  burst(count: number, random: Random): void {
    const all = Array.from({ length: count }, () => this.#attempts(this.#draw(random), random, false));
    this.#working.push(Promise.all(all).then(() => undefined));
  }

  /** After the faults: asks again, waiting, for about half of what has no outcome yet; the rest must end by itself. */
  async askAgain(random: Random): Promise<void> {
    const open = this.#records.filter((record) => !record.told.some(isOutcome) && random.chance(0.5));
    const queue = open.values();
    const worker = async (): Promise<void> => {
      for (const record of queue) await this.#ask(record, true);
    };
    await Promise.all(Array.from({ length: this.#options.count }, worker));
  }

  /**
   * After the rest: one transaction after the other of each kind of which nobody was told of a success yet, for so long at most.
   * Answers the names of these kinds.
   */
  async makeUp(random: Random, limitMs: number): Promise<readonly string[]> {
    const givenUpAt = performance.now() + limitMs;
    const missing = this.#options.kinds.filter((kind) => !this.#hasEnded(kind));
    for (const kind of missing) {
      while (!this.#hasEnded(kind) && performance.now() < givenUpAt) await this.#ask(this.#drawOf(kind, random), true);
    }
    return missing.map(({ name }) => name);
  }

  /** Of kinds that cannot succeed: whether somebody was told of a refusal. */
  #hasEnded({ name }: TransactionKind): boolean {
    const own = this.#records.filter(({ kind }) => kind === name);
    const outcome = own.every(({ intent }) => intent.mustFail) ? 'failed' : 'succeeded';
    return own.some(({ told }) => told.some(({ kind }) => kind === outcome));
  }

  async #work(random: Random): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#attempts(this.#draw(random), random, random.chance(0.6));
    }
  }

  #draw(random: Random): Record {
    const { kinds } = this.#options;
    const weighted = kinds.flatMap((kind) => Array.from({ length: kind.weight }, () => kind));
    return this.#drawOf(random.pick(weighted), random);
  }

  #drawOf(kind: TransactionKind, random: Random): Record {
    const { city } = this.#options;
    const record: Record = { kind: kind.name, intent: kind.draw(city, random), told: [] };
    this.#records.push(record);
    return record;
  }

  async #attempts(record: Record, random: Random, waitResult: boolean): Promise<void> {
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
      const told = await this.#ask(record, waitResult);
      const isAskedAgain = isOutcome(told) ? random.chance(0.05) && told.kind === 'succeeded' : random.chance(0.6);
      if (!isAskedAgain || this.#stop.signal.aborted) return;
      await pause(random.integer(1, 400), this.#stop.signal);
    }
  }

  async #ask(record: Record, waitResult: boolean): Promise<Told> {
    const askedAt = performance.now();
    const told = await record.intent.attempt({ waitResult });
    record.told.push(told);
    if (told.kind === 'succeeded') this.#options.onSuccess(askedAt);
    return told;
  }
}
