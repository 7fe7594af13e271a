import type { Scene } from './scene.js';
import type { WireName } from './wire/wire.js';

/** What a case saw, as JSON that a person can compare. */
export type Facts = Readonly<Record<string, unknown>>;

/** Who is right where two servers differ. */
export type Verdict = 'ours right' | 'theirs right' | 'both defensible';

export interface Difference {
  /** What Tandem answers instead. */
  readonly tandem: Facts;
  readonly verdict: Verdict;
  /** One line for docs/conformance.md. */
  readonly reason: string;
}

/** One thing that a caller or a participant can see of a server. */
export interface Case {
  /** `saga/succeeds`: unique, the part before the slash groups the table. */
  readonly id: string;
  /** What happens, in one sentence. */
  readonly does: string;
  /** Where DTM says so: file and line of its repository, or a page of its documentation. */
  readonly source: string;
  /** It runs once on each of these. */
  readonly wires: readonly WireName[];
  readonly observe: (scene: Scene) => Promise<Facts>;
  /** What DTM shows; it may depend on the wire, in which case it is a function. */
  readonly expected: Facts | ((wire: WireName) => Facts);
  readonly differs?: Difference | ((wire: WireName) => Difference | undefined);
}

export function expectedOf({ expected }: Case, wire: WireName): Facts {
  return typeof expected === 'function' ? expected(wire) : expected;
}

export function differenceOf({ differs }: Case, wire: WireName): Difference | undefined {
  return typeof differs === 'function' ? differs(wire) : differs;
}
