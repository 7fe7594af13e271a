import { isDeepStrictEqual } from 'node:util';
import { differenceOf, expectedOf, type Case, type Facts } from './case.js';
import { Participants } from './participants/participants.js';
import { Scene, type Wires } from './scene.js';
import type { WireName } from './wire/wire.js';

/** How a server showed itself: as DTM, as Tandem where the two differ, or as neither. */
export type Likeness = 'as DTM' | 'as Tandem' | 'neither';

export interface Observation {
  readonly id: string;
  readonly wire: WireName;
  readonly facts: Facts;
  readonly likeness: Likeness;
}

export interface RunOptions {
  readonly cases: readonly Case[];
  readonly wires: Wires;
  /** How many cases run side by side; they share nothing. */
  readonly concurrency: number;
  readonly observed?: (observation: Observation) => void;
}

/** Runs every case on every one of its wires that there is an address for. */
export async function runCases({ cases, wires, concurrency, observed }: RunOptions): Promise<readonly Observation[]> {
  const participants = await Participants.open();
  const runs = cases
    .flatMap((one) => one.wires.map((wire) => ({ one, wire })))
    .filter(({ wire }) => wire !== 'grpc' || wires.grpc !== undefined);
  const observations = new Array<Observation>(runs.length);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < runs.length; index = next++) {
      const run = runs[index];
      if (run === undefined) return;
      const observation = await observe(run.one, new Scene(wires, participants, run.wire));
      observations[index] = observation;
      observed?.(observation);
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, work));
    return observations;
  } finally {
    await participants.close();
  }
}

async function observe(one: Case, scene: Scene): Promise<Observation> {
  const wire = scene.wireName;
  const facts = await factsOf(one, scene);
  return { id: one.id, wire, facts, likeness: likenessOf(one, wire, facts) };
}

async function factsOf(one: Case, scene: Scene): Promise<Facts> {
  try {
    return JSON.parse(JSON.stringify(await one.observe(scene))) as Facts;
  } catch (error) {
    return { threw: error instanceof Error ? error.message : String(error) };
  }
}

/** How these facts compare with what the case states. */
export function likenessOf(one: Case, wire: WireName, facts: Facts): Likeness {
  if (isDeepStrictEqual(facts, expectedOf(one, wire))) return 'as DTM';
  const difference = differenceOf(one, wire);
  return difference !== undefined && isDeepStrictEqual(facts, difference.tandem) ? 'as Tandem' : 'neither';
}
