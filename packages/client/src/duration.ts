import { InvalidUse } from './errors.js';

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A length of time with its unit: `'500ms'`, `'30s'`, `'5m'`, `'2h'`, `'7d'`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

/** Reads a duration into whole milliseconds; only none at all is 0. Throws `INVALID_OPTION` for anything else, naming the option. */
export function durationMs(option: string, duration: Duration): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration);
  if (match === null) {
    throw new InvalidUse('INVALID_OPTION', `${option} must be a duration such as '500ms', '30s' or '5m'`);
  }
  const exactMs = Number(match[1]) * unitMs[match[2] as keyof typeof unitMs];
  return exactMs > 0 ? Math.max(1, Math.round(exactMs)) : 0;
}

/** Reads a duration into whole seconds, the unit of DTM's wire; rounds up, since 0 would mean "the default" there. */
export function durationSeconds(option: string, duration: Duration): number {
  return Math.ceil(durationMs(option, duration) / 1_000);
}
