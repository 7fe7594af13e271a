/**
 * Which of several coordinators on one store is asked. All verbs of a gid go to the same one, where it is known already; a
 * repeat goes to the next, since the one before may be gone. Who was silent is asked last for a while: any other does as well.
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

/** For so long, who was silent is asked last. */
const avoidedMs = 10_000;

/** The coordinators of one client, and who of them was silent when it was asked last. */
export class NodeChoice<Place> {
  readonly isSingle: boolean;
  readonly #places: readonly Place[];
  readonly #avoidedUntil = new Map<Place, number>();

  constructor(places: readonly Place[]) {
    this.#places = places;
    this.isSingle = places.length === 1;
  }

  /** `repeat`: 0 at first. Undefined: all are being asked. */
  next(gid = '', repeat: number, asked: ReadonlySet<Place>): Place | undefined {
    const free = this.#places.filter((place) => !asked.has(place));
    const answering = free.filter((place) => !(Number(this.#avoidedUntil.get(place)) > performance.now()));
    const from = answering.length > 0 ? answering : free;
    const place = from[(numberOf(gid) + repeat) % from.length];
    // One request finds out whether it answers again, and the others do not wait with it.
    if (place !== undefined && this.#avoidedUntil.has(place)) this.silent(place);
    return place;
  }

  /** Has the place asked last for a while. */
  silent(place: Place): void {
    this.#avoidedUntil.set(place, performance.now() + avoidedMs);
  }

  answered(place: Place): void {
    this.#avoidedUntil.delete(place);
  }
}

function numberOf(gid: string): number {
  let sum = 0;
  for (let at = 0; at < gid.length; at += 1) sum = (Math.imul(sum, 31) + gid.charCodeAt(at)) >>> 0;
  return sum;
}
