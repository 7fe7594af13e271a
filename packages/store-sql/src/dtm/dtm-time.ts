/**
 * How far a DTM server's clock on the wall is ahead of UTC, in ms, by `+08:00`, `+8` or `-3:30`. DTM writes what its machine's
 * wall shows into MySQL's columns, which keep no zone. A blank is taken for the plus that it is in a URL's query.
 */
export function zoneOffsetMs(zone: string): number | undefined {
  const [, sign = '', hours = '', minutes = '0'] = /^([+ -]?)(\d{1,2})(?::?([0-5]\d))?$/.exec(zone) ?? [];
  if (hours === '' || Number(hours) > 14) return undefined;
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return sign === '-' ? -offset : offset;
}

/** `2026-11-21 17:57:20`, as the wall of a machine so far ahead of UTC shows it, in UTC ms. */
export function wallTimeOf(value: unknown, offsetMs: number): number | undefined {
  if (typeof value !== 'string') return undefined;
  const time = Date.parse(`${value.replace(' ', 'T')}Z`);
  return Number.isNaN(time) ? undefined : time - offsetMs;
}
