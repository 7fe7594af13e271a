import { explore, ExplorationFailed, type ExploreOptions } from '@tandem/testing';

/** Explores to the end; answers what failed, and throws where nothing did. */
export async function failureOf<State, App, Value>(
  options: ExploreOptions<State, App, Value>,
): Promise<ExplorationFailed> {
  try {
    await explore({ failuresMax: 1_000, ...options });
  } catch (error) {
    if (error instanceof ExplorationFailed) return error;
    throw error;
  }
  throw new Error('nothing was found');
}

/** The names of the runs that failed, without the numbers of boundaries. */
export function namesOf({ failures }: ExplorationFailed): readonly string[] {
  return failures.map(({ name }) => name.replace(/boundary \d+, /g, ''));
}
