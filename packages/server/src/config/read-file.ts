import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';
import { allSettings, type GivenValue, type GivenValues } from './all-settings.js';
import { ConfigError } from './config-error.js';
import { suggestion } from './nearest-name.js';

/** Reads a YAML file with DTM's names and ours. Throws `ConfigError` where it cannot be read or names what nobody knows. */
export function readFile(path: string): GivenValues {
  const values = new Map<string, GivenValue>();
  const problems: string[] = [];
  collect(parseYaml(path), '', { file: path, values, problems });
  if (problems.length > 0) throw new ConfigError(problems);
  return values;
}

// Loaded where there is a file: most starts have none, and it costs memory and start-up time.
const require = createRequire(import.meta.url);

function parseYaml(path: string): unknown {
  try {
    const { parse } = require('yaml') as typeof Yaml;
    return parse(readFileSync(path, 'utf8')) as unknown;
  } catch (error) {
    throw new ConfigError([`configuration file ${path}: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

interface Found {
  readonly file: string;
  readonly values: Map<string, GivenValue>;
  readonly problems: string[];
}

const paths = new Set(allSettings.map(({ path }) => path));

function collect(node: unknown, prefix: string, found: Found): void {
  if (node === null || node === undefined) return;
  if (paths.has(prefix)) {
    found.values.set(prefix, { value: node, source: `${prefix} in ${found.file}` });
    return;
  }
  const isGroup = prefix === '' || [...paths].some((path) => path.startsWith(`${prefix}.`));
  if (!isGroup) {
    found.problems.push(`unknown setting ${prefix} in ${found.file}${suggestion(prefix, paths)}`);
  } else if (typeof node !== 'object' || Array.isArray(node)) {
    found.problems.push(
      `${prefix === '' ? 'the content' : prefix} of ${found.file} must be a mapping of names to values`,
    );
  } else {
    for (const [name, member] of Object.entries(node))
      collect(member, prefix === '' ? name : `${prefix}.${name}`, found);
  }
}
