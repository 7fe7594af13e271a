import type { BarrierDatabase, BarrierSession, MaybePromise } from '@tandem/client';
import type { Place } from '../world/place.js';
import type { World } from '../world/world.js';
import type { Surroundings } from './explore-options.js';

export function surroundingsOf(world: World, place: Place): Surroundings {
  return {
    client: world.clientFrom(place),
    serve: (handlers) => {
      world.served.serve(handlers, place);
    },
    boundary: (name) => world.code.wait(world.mark(name, place)),
    watched: (db) => watched(db, () => world.mark(`commit in ${world.code.currentName}`, place)),
  };
}

type Work<T> = (session: BarrierSession<never>) => MaybePromise<T>;

function watched<Db extends BarrierDatabase<never>>(db: Db, committed: () => Promise<void>): Db {
  const verbs = {
    transaction: async <T>(work: Work<T>): Promise<T> => {
      const value = await db.transaction(work);
      await committed();
      return value;
    },
    check: <T>(work: Work<T>) => db.check(work),
    joined: <T>(work: Work<T>) => db.joined(work),
  };
  return { ...db, ...verbs };
}
