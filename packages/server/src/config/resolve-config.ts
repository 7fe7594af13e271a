import type { GivenValue, GivenValues } from './all-settings.js';
import { ConfigError } from './config-error.js';
import { ignoredSettings } from './ignored-settings.js';
import { readEnvironment, type Environment } from './read-environment.js';
import { readFile } from './read-file.js';
import { readFlags } from './read-flags.js';
import type { Setting } from './setting.js';
import { settings, type Config } from './settings.js';
import { storeContradictions, storeLocation, unusedStoreSettings } from './store-location.js';

export interface ResolvedConfig {
  readonly config: Config;
  /** One line for each setting that was given and does nothing here. */
  readonly notices: readonly string[];
}

/** Flags over environment over file over defaults. Throws `ConfigError` with all that is wrong at once. */
export function resolveConfig(args: readonly string[], environment: Environment): ResolvedConfig {
  const flags = readFlags(args);
  const file = flags.configFile ?? environment['TANDEM_CONFIG'] ?? '';
  const sources = [flags.values, readEnvironment(environment), ...(file === '' ? [] : [readFile(file)])];
  const problems: string[] = [];
  const entries = Object.entries<Setting<unknown>>(settings).map(([name, setting]) => {
    const given = find(sources, setting.path);
    return [name, given === undefined ? setting.defaultValue : readValue(setting, given, problems)] as const;
  });
  // The entries follow the table, member by member, which is what `Config` is derived from.
  const config = Object.fromEntries(entries) as Config;
  if (problems.length === 0) problems.push(...contradictions(config));
  if (problems.length > 0) throw new ConfigError(problems);
  return { config, notices: [...noticesOf(config, (path) => find(sources, path))] };
}

/** The configuration of somebody who said nothing, with some members replaced: for embedding and for tests. */
export function configOf(given: Partial<Config>): Config {
  const defaults = Object.entries<Setting<unknown>>(settings).map(([name, { defaultValue }]) => [name, defaultValue]);
  return { ...(Object.fromEntries(defaults) as Config), ...given };
}

function find(sources: readonly GivenValues[], path: string): GivenValue | undefined {
  return sources.find((source) => source.has(path))?.get(path);
}

function readValue(setting: Setting<unknown>, given: GivenValue, problems: string[]): unknown {
  try {
    return setting.kind.read(given.value);
  } catch (error) {
    const shown = setting.isSecret ? '' : `, not ${JSON.stringify(given.value)}`;
    problems.push(`${given.source} must be ${error instanceof Error ? error.message : String(error)}${shown}`);
    return undefined;
  }
}

function contradictions(config: Config): readonly string[] {
  const found: string[] = [...storeContradictions(config)];
  const isEmbedded = found.length === 0 && storeLocation(config).engine === 'sqlite';
  if (isEmbedded && config.workers !== 'auto' && config.workers > 1) {
    found.push(
      `Workers must be 1 with the embedded store, not ${String(config.workers)}: its file belongs to one process; a store with a server (--store postgres://...) takes any number`,
    );
  }
  if (config.leaseSkewMs * 2 >= config.leaseMs) found.push('LeaseSkew must be less than half of Lease');
  const isOne = (one: unknown, other: unknown): boolean => (one === undefined) !== (other === undefined);
  if (isOne(config.grpcTlsCertificate, config.grpcTlsKey)) {
    found.push('Grpc.TlsCertificate and Grpc.TlsKey must be given together');
  }
  if (config.grpcTlsClientAuthority !== undefined && config.grpcTlsCertificate === undefined) {
    found.push('Grpc.TlsClientAuthority needs Grpc.TlsCertificate and Grpc.TlsKey');
  }
  if (isOne(config.grpcBranchCertificate, config.grpcBranchKey)) {
    found.push('GrpcBranch.TlsCertificate and GrpcBranch.TlsKey must be given together');
  }
  return found;
}

function* noticesOf(config: Config, given: (path: string) => GivenValue | undefined): Generator<string> {
  const ignored = ignoredSettings.map(({ path, ignoredBecause }) => [path, ignoredBecause ?? ''] as const);
  const unused = unusedStoreSettings(storeLocation(config), config.storeUrl !== undefined);
  for (const [path, reason] of [...unused, ...ignored]) {
    const found = given(path);
    if (found !== undefined) yield `${found.source} is accepted and does nothing: ${reason}`;
  }
}
