import { ignoredSettings } from './ignored-settings.js';
import type { Setting } from './setting.js';
import { settings } from './settings.js';

/** Every setting that is accepted, those that do nothing here included. */
export const allSettings: readonly Setting<unknown>[] = [
  ...Object.values<Setting<unknown>>(settings),
  ...ignoredSettings,
];

/** A value as somebody gave it; `source` says where, for messages. */
export interface GivenValue {
  readonly value: unknown;
  readonly source: string;
}

/** What one source says, by the path of the setting. */
export type GivenValues = ReadonlyMap<string, GivenValue>;
