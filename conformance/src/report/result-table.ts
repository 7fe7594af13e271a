import { expectedOf, type Case } from '../case.js';
import type { Observation } from '../run-cases.js';

/** A run for a terminal: a line for each observation, and below what was seen where it was neither. */
export function resultTable(cases: readonly Case[], observations: readonly Observation[]): string {
  const lines = observations.map(({ id, wire, likeness }) => `${id.padEnd(42)} ${wire.padEnd(9)} ${likeness}`);
  const surprises = observations
    .filter(({ likeness }) => likeness === 'neither')
    .flatMap(({ id, wire, facts }) => {
      const one = cases.find((candidate) => candidate.id === id);
      if (one === undefined) return [];
      const expected = JSON.stringify(expectedOf(one, wire));
      return [
        `\n${id} on ${wire}: ${one.does} (${one.source})`,
        `  as DTM: ${expected}`,
        `  seen:   ${JSON.stringify(facts)}`,
      ];
    });
  return [...lines, ...surprises, '', counts(observations)].join('\n');
}

export function counts(observations: readonly Observation[]): string {
  const count = (likeness: Observation['likeness']): number =>
    observations.filter((observation) => observation.likeness === likeness).length;
  return `${count('as DTM')} as DTM, ${count('as Tandem')} as Tandem where they differ, ${count('neither')} as neither`;
}
