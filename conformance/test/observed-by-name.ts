import { allCases, runCases, wiresOf, type Case, type Observation, type WireName } from '@tandem/conformance';

export interface NamedRun {
  readonly name: string;
  readonly one: Case;
  readonly wire: WireName;
}

/** Every case on each of its wires, named for a person. */
export const namedRuns: readonly NamedRun[] = allCases.flatMap((one) =>
  one.wires.map((wire) => ({ name: `${one.id} on ${wire}: ${one.does}`, one, wire })),
);

/** Runs all of them side by side; answers what was seen, by name. */
export async function observeAll(server: { http: string; grpc: string }): Promise<ReadonlyMap<string, Observation>> {
  const wires = wiresOf(server);
  try {
    const observations = await runCases({ cases: allCases, wires, concurrency: 16 });
    return new Map(observations.map((observation, index) => [namedRuns[index]?.name ?? '', observation]));
  } finally {
    wires.grpc?.close();
  }
}
