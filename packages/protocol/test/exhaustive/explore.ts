import { FairEnds } from './fair-ends.js';
import { search, type Search, type SearchCounts } from './search.js';
import type { SearchedType } from './searched-types.js';
import { SeenTable } from './seen-table.js';
import { checkDurable, checkPlan, checkReaction } from './shared-oracle.js';

/** What a search saw: how much, and which cells of the table. */
export interface Explored extends SearchCounts {
  readonly seen: SeenTable;
}

/** Searches one case with everything that is promised watched; throws at the first promise that is broken. */
export function explore(type: SearchedType, options: Search): Explored {
  const seen = new SeenTable(type.table);
  const ends = new FairEnds(options);
  const counts = search(options, {
    planned(state, plan) {
      seen.planned(state, plan);
      checkPlan(state, plan, options);
      type.oracle.planned(state, plan);
    },
    reacted(state, event, reaction, after) {
      seen.reacted(state, event, reaction);
      checkReaction({ ...state, event, after }, reaction, options);
      type.oracle.reacted(state, event, after);
    },
    committed(before, after) {
      type.oracle.committed(before, after);
    },
    durable(state) {
      checkDurable(state, options);
      type.oracle.durable(state);
      ends.check(state);
    },
  });
  return { ...counts, seen };
}
