/**
 * Which of several coordinators on one store is asked. All verbs of a gid go to the same one, where it is known already; a
 * repeat goes to the next, since the one before may be gone.
 */
import { invalidOption } from '../option-names.js';

/** One place, or those of several coordinators on one store. */
export type Places = string | readonly string[];

/** Throws `INVALID_OPTION` for an empty list. */
export function placesOf(option: string, places: Places): readonly [string, ...string[]] {
  const list: unknown = typeof places === 'string' ? [places] : places;
  if (!Array.isArray(list)) {
    throw invalidOption(`${option} must be where the coordinator is, not ${String(list)}`);
  }
  const [first, ...others] = list as readonly string[];
  if (first === undefined) throw invalidOption(`${option} must name a coordinator, not none`);
  return [first, ...others];
}

/** `repeat`: 0 at first. */
export function placeFor<T>(places: readonly [T, ...T[]], gid: string | undefined, repeat: number): T {
  const start = gid === undefined ? 0 : numberOf(gid);
  return places[(start + repeat) % places.length] ?? places[0];
}

function numberOf(gid: string): number {
  let sum = 0;
  for (let at = 0; at < gid.length; at += 1) sum = (Math.imul(sum, 31) + gid.charCodeAt(at)) >>> 0;
  return sum;
}
