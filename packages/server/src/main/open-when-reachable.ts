import { setTimeout as sleep } from 'node:timers/promises';
import { StoreError, type Store } from '@tandem/store';
import { shownLocation, type StoreLocation } from '../config/store-location.js';
import type { Log } from '../telemetry/log.js';
import { openStore } from './open-store.js';
import { whyNotToStart } from '../moving/moving-marks.js';
import { markedStoreError, StartupError, storeStartupError } from './startup-error.js';
import { storeObstacle } from './store-obstacle.js';

export interface ReachOptions {
  /** How long to wait for a database that is not up yet. */
  readonly waitMs: number;
  readonly log: Pick<Log, 'warn'>;
}

const pauseMs = 1_000;

/**
 * Opens and migrates a store. A database that is still starting, as after a reboot or in compose, is waited for; what
 * waiting cannot mend (a wrong password, a missing database) fails at once. Rejects with `StartupError`.
 */
export async function openWhenReachable(location: StoreLocation, { waitMs, log }: ReachOptions): Promise<Store> {
  const giveUpAt = performance.now() + waitMs;
  for (;;) {
    try {
      const store = await openMigrated(location, log);
      await refuseMarked(store, location).catch(async (error: unknown) => {
        await store.close();
        throw error;
      });
      return store;
    } catch (error) {
      if (error instanceof StartupError) throw error;
      const leftMs = giveUpAt - performance.now();
      if (leftMs <= 0 || !mayPass(location, error)) throw storeStartupError(location, error);
      const facts = { store: shownLocation(location), error: messageOf(error), leftMs: Math.round(leftMs) };
      log.warn(facts, 'the store cannot be reached yet; trying again');
      await sleep(Math.min(pauseMs, leftMs));
    }
  }
}

/** Rejects with `StartupError` where the store was moved, or is half of a copy. */
export async function refuseMarked(store: Store, location: StoreLocation): Promise<void> {
  const reason = await whyNotToStart(store, Date.now());
  if (reason === undefined) return;
  throw markedStoreError(location, reason);
}

async function openMigrated(location: StoreLocation, log: ReachOptions['log']): Promise<Store> {
  const notice = (line: string): void => {
    log.warn({ store: shownLocation(location) }, line);
  };
  const store = await openStore(location, { notice });
  try {
    await store.migrate();
    return store;
  } catch (error) {
    await store.close().catch(() => undefined);
    throw error;
  }
}

function mayPass({ engine }: StoreLocation, error: unknown): boolean {
  if (engine === 'sqlite' || !(error instanceof StoreError) || error.kind !== 'unavailable') return false;
  switch (storeObstacle(error)) {
    case 'unreachable':
    case 'starting':
    case 'connections':
      return true;
    case undefined:
      // What no engine said is about the URL.
      return error.cause !== undefined;
    default:
      return false;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
