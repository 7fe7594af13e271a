import type { Client, Duration } from '@tandem/client';
import type { Fault } from '../faults/fault.js';
import type { Handlers } from '../world/services.js';

/** What is used of a database that barriers work on. */
export interface CommittingDatabase {
  /** Begins, works, commits. */
  transaction(work: never): Promise<unknown>;
}

/** What code of a run gets: the services of `setUp`, or a start of the process of `start` and `run`. */
export interface Surroundings {
  /** A client of the run's coordinator. */
  readonly client: Client;
  /** Serves branches, back-checks and workflows at URLs of your choice; nothing is bound to a port. */
  readonly serve: (handlers: Handlers) => void;
  /** Has a topic's messages sent to this URL as well. */
  readonly subscribe: (topic: string, url: string) => Promise<void>;
  /** For calls of your own between what is served: each is a boundary too. */
  readonly fetch: typeof fetch;
  /** Waits in virtual time: for code that asks again and again, or answers late. */
  readonly sleep: (duration: Duration) => Promise<void>;
  /** A boundary of your own: here the process, or the handler, may die. Await it. */
  readonly boundary: (name: string) => Promise<void>;
  /** The same database, with a boundary after each commit: for handlers that do more than one transaction. */
  readonly watched: <Db extends CommittingDatabase>(db: Db) => Db;
}

/** The start of the process that `run` belongs to. */
export interface ProcessSurroundings<App> extends Surroundings {
  /** What `start` returned. */
  readonly app: App;
}

/** How one transaction ended. */
export interface EndedTransaction {
  /** Its name. */
  readonly gid: string;
  /** `saga`, `message`, `tcc`, `xa` or `workflow`. */
  readonly type: string;
  /** How it ended. */
  readonly status: 'succeed' | 'failed';
}

/** How a run ended, when nothing goes on any more. */
export interface Outcome<Value = unknown> {
  /** `succeed`: all its transactions did. `failed`: one is rolled back, or none was ever durable. */
  readonly status: 'succeed' | 'failed';
  /** All that were durable. */
  readonly transactions: readonly EndedTransaction[];
  /** What `run` resolved with; undefined where it threw or its process died. */
  readonly value: Value | undefined;
  /** What `run` threw; undefined where it did not. */
  readonly error: unknown;
}

/** What is explored, and how far. */
export interface ExploreOptions<State, App, Value> {
  /** Makes services with fresh databases, before each run; they outlive every crash. What it returns is handed on. */
  setUp(services: Surroundings, run: { readonly name: string }): State | Promise<State>;
  /** The start of your process, again after each crash: workflows are made here, since what they remember dies with it. */
  start?(process: Surroundings, state: State): App | Promise<App>;
  /** What is tested: your code, as a request would call it. */
  run(process: ProcessSurroundings<App>, state: State): Value | Promise<Value>;
  /** Throws where the state is wrong. Called when all transactions have ended and nothing is on its way. */
  invariant(state: State, outcome: Outcome<Value>): unknown;
  /** Closes what `setUp` opened, after each run. */
  tearDown?(state: State): unknown;
  /**
   * `run` may be repeated, since it names its gids: after a crash of its process, and when it threw `TransactionOngoing` or
   * `CoordinatorUnreachable`. Default: it is called once, and what was begun is left to the coordinator.
   */
  readonly repeat?: boolean;
  /** 2: pairs of faults too. Default 1. */
  readonly depth?: 1 | 2;
  /** Most runs with faults; of more, so many are taken evenly. Default 1,000. */
  readonly runsMax?: number;
  /** How long one run may take, in real time. Default 10 s. */
  readonly runTimeout?: Duration;
  /** Only these faults. Default: all. */
  readonly faults?: readonly Fault[];
  /** Only the run of this name, as a failure tells it. */
  readonly only?: string;
  /** Stops after so many failed runs. Default 5. */
  readonly failuresMax?: number;
}

/** What was explored, where nothing failed. */
export interface Exploration {
  /** The boundaries of the run without faults, in their order. */
  readonly boundaries: readonly string[];
  /** The runs, by name. */
  readonly runs: readonly string[];
  /** Runs that were left out for `runsMax`. */
  readonly leftOut: number;
  /** Runs whose fault did not happen: they took another way than the run without faults. */
  readonly missed: readonly string[];
}
