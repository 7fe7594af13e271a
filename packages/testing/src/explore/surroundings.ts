import { durationMs } from '@tandem/client';
import type { Place } from '../world/place.js';
import type { World } from '../world/world.js';
import type { CommittingDatabase, Surroundings } from './explore-options.js';

export function surroundingsOf(world: World, place: Place): Surroundings {
  return {
    client: world.clientFrom(place),
    serve: (handlers) => {
      world.served.serve(handlers, place);
    },
    subscribe: (topic, url) => world.subscribe(topic, url),
    fetch: world.network.fetchFrom(place, true),
    sleep: (duration) => world.codeSleeps(durationMs('duration', duration), place),
    boundary: (name) => world.code.wait(world.mark(name, place)),
    watched: (db) => watched(db, () => world.mark(`commit in ${world.code.currentName}`, place)),
  };
}

/** The database itself, but for its transactions: after each commit somebody may die. */
function watched<Db extends CommittingDatabase>(db: Db, committed: () => Promise<void>): Db {
  const transaction = async (work: never): Promise<unknown> => {
    const value = await db.transaction(work);
    await committed();
    return value;
  };
  return new Proxy(db, {
    get: (target, name) => {
      if (name === 'transaction') return transaction;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
