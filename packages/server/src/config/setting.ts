/** How the text of one setting is read and shown. `read` throws an Error whose message completes "NAME must be ...". */
export interface SettingKind<T> {
  /** For the reference: "whole number", "seconds", "text". */
  readonly label: string;
  /** `value` comes from a flag or the environment (text) or from YAML (text, number or boolean). */
  read(value: unknown): T;
  show(value: T): string;
  /** A secret as logs may show it; absent: nothing of it. */
  redact?(value: T): string;
}

/** One setting: its names in every source, its kind, its default and what it means. */
export interface Setting<T> {
  /** Path in the YAML file, members joined by dots; DTM's names where DTM has the setting. */
  readonly path: string;
  readonly environment: string;
  /** Without the leading dashes. */
  readonly flag: string;
  readonly kind: SettingKind<T>;
  readonly defaultValue: T;
  readonly description: string;
  /** Never logged and never shown, but for what its kind redacts. */
  readonly isSecret: boolean;
  /** Set where DTM has the setting and Tandem has no use for it: it is accepted, and this says why nothing happens. */
  readonly ignoredBecause: string | undefined;
}

export interface SettingNames {
  readonly path: string;
  readonly environment?: string;
  readonly flag?: string;
  readonly isSecret?: boolean;
}

/** A setting that Tandem uses. Names that are not given follow from the path. */
export function setting<T>(
  names: SettingNames,
  kind: SettingKind<T>,
  defaultValue: T,
  description: string,
): Setting<T> {
  return {
    path: names.path,
    environment: names.environment ?? environmentName(names.path),
    flag: names.flag ?? flagName(names.path),
    kind,
    defaultValue,
    description,
    isSecret: names.isSecret ?? false,
    ignoredBecause: undefined,
  };
}

/** The environment name that DTM gives a path: `Store.FinishedDataExpire` is `STORE_FINISHED_DATA_EXPIRE`. */
export function environmentName(path: string): string {
  return words(path).join('_').toUpperCase();
}

function flagName(path: string): string {
  return words(path).join('-').toLowerCase();
}

function words(path: string): readonly string[] {
  return path
    .replaceAll('.', '_')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .replace(/([a-z])([A-Z]+)/g, '$1_$2')
    .split('_');
}
