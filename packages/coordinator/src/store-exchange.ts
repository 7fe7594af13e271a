/**
 * What one run asks of the store: one commit or one read at a time (R1 of transaction-run.ts). What a reply means is the run's.
 */
import type { Gid, Mutation } from '@tandem/protocol';
import type { CommitItem, StoredTransaction, WriteResult } from '@tandem/store';
import type { RestingPlan } from './come-to-rest.js';
import type { Delivery } from './delivery.js';
import type { Subject } from './known-transaction.js';
import type { RunContext } from './run-context.js';
import type { LeaseChoice } from './run-lease.js';
import { writeHead, writeRows } from './stored-transaction.js';

/** One commit under way, and what is to happen when it is durable. */
export interface Commit extends LeaseChoice {
  readonly mutation: Mutation | undefined;
  readonly plan: RestingPlan;
  /** The target whose answer lets it go on, as stored; empty: none. */
  readonly waitsFor: string;
  /** The target that it will wait for durably, without room or down. */
  readonly parkedFor?: string;
  /** The events it carries; they are delivered again if it conflicts. */
  readonly deliveries: readonly Delivery[];
}

/** Replies; each comes when nothing is under way any more. */
export interface ExchangeEvents {
  written(subject: Subject, result: WriteResult, commit: Commit): void;
  notWritten(commit: Commit, error: unknown): void;
  read(stored: StoredTransaction | undefined): void;
  notRead(error: unknown): void;
}

export class StoreExchange {
  readonly #gid: Gid;
  readonly #context: RunContext;
  readonly #on: ExchangeEvents;
  #isUnderWay = false;

  constructor(gid: Gid, context: RunContext, on: ExchangeEvents) {
    this.#gid = gid;
    this.#context = context;
    this.#on = on;
  }

  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  /** Makes the state durable as it is now; tried again until `retryUntil` while the store is away. */
  write(subject: Subject, commit: Commit, retryUntil: number): void {
    this.#isUnderWay = true;
    const item: CommitItem = {
      kind: 'commit',
      gid: this.#gid,
      token: this.#context.nextToken(),
      expectedVersion: subject.durable.version,
      head: writeHead(subject.tx, commit.dueAt, commit.waitsFor),
      rows: writeRows(commit.mutation?.rows),
      lease: commit.lease,
    };
    this.#context.writes.write(item, { retryUntil }).then(
      (result) => {
        this.#isUnderWay = false;
        this.#on.written(subject, result, commit);
      },
      (error: unknown) => {
        this.#isUnderWay = false;
        this.#on.notWritten(commit, error);
      },
    );
  }

  /** Reads what is stored. What comes while the read is under way may be younger than what it reads: `asked` came before. */
  read(asked: readonly Delivery[]): void {
    this.#isUnderWay = true;
    this.#context.store.load([this.#gid], 'all').then(
      ([stored]) => {
        this.#isUnderWay = false;
        for (const arrived of asked) arrived.isConfirmed = true;
        this.#on.read(stored);
      },
      (error: unknown) => {
        this.#isUnderWay = false;
        this.#context.events.storeFault?.('load', error);
        this.#on.notRead(error);
      },
    );
  }
}
