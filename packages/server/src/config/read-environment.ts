import { allSettings, type GivenValue, type GivenValues } from './all-settings.js';

/** Variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the settings that the environment names. An empty variable says nothing, as in DTM. */
export function readEnvironment(environment: Environment): GivenValues {
  const values = new Map<string, GivenValue>();
  for (const { path, environment: name } of allSettings) {
    const value = environment[name];
    if (value !== undefined && value !== '') values.set(path, { value, source: `environment ${name}` });
  }
  return values;
}
