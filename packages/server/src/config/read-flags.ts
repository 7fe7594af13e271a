import { parseArgs } from 'node:util';
import { allSettings, type GivenValue, type GivenValues } from './all-settings.js';
import { ConfigError } from './config-error.js';
import { suggestion } from './nearest-name.js';

export interface Flags {
  readonly values: GivenValues;
  /** `--config` or `-c`. */
  readonly configFile: string | undefined;
}

/** Reads `--name value` and `--name=value`. Throws `ConfigError` for what is unknown, lacks its value or is no flag. */
export function readFlags(args: readonly string[]): Flags {
  const options = Object.fromEntries(allSettings.map(({ flag }) => [flag, { type: 'string' } as const]));
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...options, config: { type: 'string', short: 'c' } },
    strict: false,
    tokens: true,
  });
  const paths = new Map(allSettings.map(({ flag, path }) => [flag, path]));
  const flags = ['--config', ...allSettings.map(({ flag }) => `--${flag}`)];
  const values = new Map<string, GivenValue>();
  const problems: string[] = [];
  let configFile: string | undefined;
  let unknownAt = -2;
  for (const token of tokens) {
    // What follows an unknown flag is probably its value, and complaining about both would hide the cause.
    if (token.kind === 'positional' && token.index !== unknownAt + 1) {
      problems.push(`unexpected argument "${token.value}"`);
    }
    if (token.kind !== 'option') continue;
    const path = paths.get(token.name);
    if (path === undefined && token.name !== 'config') {
      unknownAt = token.index;
      problems.push(`unknown flag ${token.rawName}${suggestion(token.rawName, flags)}`);
    } else if (token.value === undefined) {
      problems.push(`${token.rawName} needs a value`);
    } else if (path === undefined) {
      if (token.value === '') problems.push(`${token.rawName} must name a file`);
      configFile = token.value;
    } else {
      values.set(path, { value: token.value, source: `flag ${token.rawName}` });
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return { values, configFile };
}
