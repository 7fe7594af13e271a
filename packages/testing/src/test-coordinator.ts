import { durationMs, type Client, type Duration } from '@tandem/client';
import type { TransactionView } from '@tandem/coordinator';
import type { Handlers } from './world/services.js';
import { World } from './world/world.js';

/** A coordinator in this process whose time passes only when it is told to. */
export interface TestCoordinator {
  /** A client of it. */
  readonly client: Client;
  /** UTC ms, virtual; handlers and workflows see it as `Date`. */
  readonly now: number;
  /** Serves branches, back-checks and workflows at URLs of your choice; nothing is bound to a port. */
  readonly serve: (handlers: Handlers) => void;
  /** Has a topic's messages sent to this URL as well. */
  readonly subscribe: (topic: string, url: string) => Promise<void>;
  /** Lets so much time pass, with all that happens in it, and waits for the work of handlers. */
  readonly advance: (duration: Duration) => Promise<void>;
  /** Waits for the work of handlers; no time passes. */
  readonly settle: () => Promise<void>;
  /** Lets time pass until all transactions have ended. Rejects with `NotQuiet` where that never is, and says what it waits for. */
  readonly quiet: () => Promise<void>;
  /** As `kill -9`: the coordinator's memory is lost, what is stored stays, and half a second later it starts again. */
  readonly crash: () => void;
  /** How a transaction stands, branch by branch; undefined: there is none of this gid. */
  readonly transaction: (gid: string) => Promise<TransactionView | undefined>;
  /** Their gids, in the order in which they were made. */
  readonly gids: () => readonly string[];
  /** What happened so far, line by line, with virtual times. */
  readonly story: () => readonly string[];
  /** Ends what is under way. */
  readonly close: () => void;
}

/** What a test's coordinator begins with. */
export interface TestCoordinatorOptions {
  /** Served from the start. */
  readonly serve?: Handlers;
  /** The virtual time at the beginning. Default: now. */
  readonly startAt?: Date;
  /** How long one of its verbs may take, in real time. Default 10 s. */
  readonly timeout?: Duration;
}

/** For the unit tests of branches and transactions. Close it after the test. */
export async function createTestCoordinator(options: TestCoordinatorOptions = {}): Promise<TestCoordinator> {
  const timeoutMs = durationMs('timeout', options.timeout ?? '10s');
  const epochMs = options.startAt?.getTime() ?? Date.now();
  const world = new World({ plan: [], epochMs, realUntilMs: performance.now() + timeoutMs });
  const within = async (act: () => Promise<void>): Promise<void> => {
    world.allowUntil(performance.now() + timeoutMs);
    await act();
  };
  world.served.serve(options.serve ?? {}, world.services);
  await world.startCoordinator();
  return {
    client: world.clientFrom(world.services),
    get now() {
      return world.now;
    },
    serve: (handlers) => {
      world.served.serve(handlers, world.services);
    },
    subscribe: (topic, url) => world.subscribe(topic, url),
    advance: (duration) => within(() => world.advance(durationMs('duration', duration))),
    settle: () => within(() => world.settled()),
    quiet: () => within(() => world.until(() => world.isQuiet)),
    crash: () => {
      world.crashCoordinator();
    },
    transaction: async (gid) => world.coordinator?.query(gid as never),
    gids: () => [...world.heads.keys()],
    story: () => world.story.lines,
    close: () => {
      world.close();
    },
  };
}
